"""The kill switch: pause, resume."""

import json
from typing import Annotated

import typer

from flows.commands.record import remember
from flows.commands.report import Json
from pipelines.settings import Settings

Model = Annotated[str, typer.Argument(help="A model that has a champion.")]
Reason = Annotated[str, typer.Option(help="Why; the ledger keeps it.")]


def pause(
    model: Model,
    reason: Reason = "no reason given",
    answer: Annotated[str, typer.Option(help="A label to give to every text; without one it abstains.")] = "",
    as_json: Json = False,
) -> None:
    """Silence a model at once, whichever version is champion, until `needloop resume`; a running service follows."""
    from pipelines.ledger import Ledger
    from pipelines.promotion import pausing

    settings = Settings().activate()
    cache = settings.home / "cache" / "packages"
    entry = pausing.pause(Ledger(settings.ledger), model, reason, answer, cache)
    does = f"answers {answer} to every text" if answer else "abstains for every text"
    _said({"model": model, "paused": True, "answer": answer, "reason": reason, "since": entry.time}, does, as_json)
    remember(model, settings)


def resume(model: Model, reason: Reason = "no reason given", as_json: Json = False) -> None:
    """Let a paused model answer again; a running service follows by itself."""
    from pipelines.ledger import Ledger
    from pipelines.promotion import pausing

    settings = Settings().activate()
    entry = pausing.resume(Ledger(settings.ledger), model, reason)
    _said({"model": model, "paused": False, "reason": reason, "since": entry.time}, "answers again", as_json)
    remember(model, settings)


def _said(told: dict[str, object], does: str, as_json: bool) -> None:
    typer.echo(json.dumps(told) if as_json else f"{told['model']} {does}: {told['reason']}")


COMMANDS = (pause, resume)
