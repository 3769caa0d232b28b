"""The kill switch: pause, resume."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.record import remember, why
from flows.commands.report import Json
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.ledger import Entry

Model = Annotated[str, typer.Argument(help="A model that has a champion.")]
Reason = Annotated[str, typer.Option(help="Why; the ledger keeps it.")]


def pause(
    model: Model,
    reason: Reason = "",
    answer: Annotated[str, typer.Option(help="A label to give to every text; without one it abstains.")] = "",
    as_json: Json = False,
) -> None:
    """Silence a model at once, whichever version is champion, until `needloop resume`; a running service follows."""
    from pipelines.ledger import Ledger
    from pipelines.promotion import pausing

    settings = Settings().activate()
    cache = settings.home / "cache" / "packages"
    entry = pausing.pause(Ledger(settings.ledger), model, _why(reason), answer, cache)
    does = f"answers {answer} to every text" if answer else "abstains for every text"
    _said(entry, {"paused": True, "answer": answer}, does, as_json)
    remember(model, settings)


def resume(model: Model, reason: Reason = "", as_json: Json = False) -> None:
    """Let a paused model answer again; a running service follows by itself."""
    from pipelines.ledger import Ledger
    from pipelines.promotion import pausing

    settings = Settings().activate()
    entry = pausing.resume(Ledger(settings.ledger), model, _why(reason))
    _said(entry, {"paused": False}, "answers again", as_json)
    remember(model, settings)


def _why(reason: str) -> str:
    return why(reason) if reason else ""


def _said(entry: "Entry", state: dict[str, object], does: str, as_json: bool) -> None:
    told = {"model": entry.model, **state, "reason": entry.reasons[0], "since": entry.time}
    typer.echo(json.dumps(told) if as_json else f"{entry.model} {does}: {entry.reasons[0]}")


COMMANDS = (pause, resume)
