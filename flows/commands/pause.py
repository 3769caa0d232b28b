"""The kill switch: pause, resume."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.record import remember, why
from flows.commands.report import Json
from pipelines.runtime.settings import Settings

if TYPE_CHECKING:
    from pipelines.ledger.entry import Entry

Model = Annotated[str, typer.Argument(help="A model that has a champion.")]
Reason = Annotated[str, typer.Option(help="Why; the ledger keeps it.")]


def pause(
    model: Model,
    reason: Reason = "",
    answer: Annotated[str, typer.Option(help="A label to give to every text; without one it abstains.")] = "",
    as_json: Json = False,
) -> None:
    """Silence a model at once, whichever version is champion, until `needloop resume`; a running service follows."""
    from pipelines.promotion import pausing

    workspace = Settings().activate().workspace
    cache = workspace.files.packages
    entry = pausing.pause(workspace.ledger, model, _why(reason), answer, cache)
    does = f"answers {answer} to every text" if answer else "abstains for every text"
    _said(entry, {"paused": True, "answer": answer}, does, as_json)
    remember(model, workspace)


def resume(model: Model, reason: Reason = "", as_json: Json = False) -> None:
    """Let a paused model answer again; a running service follows by itself."""
    from pipelines.promotion import pausing

    workspace = Settings().activate().workspace
    entry = pausing.resume(workspace.ledger, model, _why(reason))
    _said(entry, {"paused": False}, "answers again", as_json)
    remember(model, workspace)


def _why(reason: str) -> str:
    return why(reason) if reason else ""


def _said(entry: "Entry", state: dict[str, object], does: str, as_json: bool) -> None:
    told = {"model": entry.model, **state, "reason": entry.reasons[0], "since": entry.time}
    typer.echo(json.dumps(told) if as_json else f"{entry.model} {does}: {entry.reasons[0]}")


COMMANDS = (pause, resume)
