"""Commands that pause a model (kill switch) and resume it: pause, resume."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.record import mask_reason, update_mlflow
from flows.commands.report import Json
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.ledger.entry import Entry

Model = Annotated[str, typer.Argument(help="A model that has a champion.")]
Reason = Annotated[str, typer.Option(help="Reason, stored in the ledger.")]


def pause(
    model: Model,
    reason: Reason = "",
    answer: Annotated[str, typer.Option(help="Label to give to every text; without it, the model abstains.")] = "",
    as_json: Json = False,
) -> None:
    """Pause a model at once, for every version, until `needloop resume`. A running service follows by itself."""
    from pipelines.promotion import pausing

    workspace = Settings().activate().workspace
    cache = workspace.files.packages
    entry = pausing.pause(workspace.ledger, model, _why(reason), answer, cache)
    effect = f"answers {answer} to every text" if answer else "abstains for every text"
    _print_event(entry, {"paused": True, "answer": answer}, effect, as_json)
    update_mlflow(model, workspace)


def resume(model: Model, reason: Reason = "", as_json: Json = False) -> None:
    """End the pause of a model. A running service follows by itself."""
    from pipelines.promotion import pausing

    workspace = Settings().activate().workspace
    entry = pausing.resume(workspace.ledger, model, _why(reason))
    _print_event(entry, {"paused": False}, "answers again", as_json)
    update_mlflow(model, workspace)


def _why(reason: str) -> str:
    return mask_reason(reason) if reason else ""


def _print_event(entry: "Entry", state: dict[str, object], effect: str, as_json: bool) -> None:
    fields = {"model": entry.model, **state, "reason": entry.reasons[0], "since": entry.time}
    typer.echo(json.dumps(fields) if as_json else f"{entry.model} {effect}: {entry.reasons[0]}")


COMMANDS = (pause, resume)
