"""Commands about promotions: promote, rollback, audit."""

import json
import time
from typing import Annotated

import httpx
import typer

from flows.commands.learning import REFUSED, Model, printed, settings_for
from flows.commands.report import Json
from pipelines.settings import Settings

Url = Annotated[str | None, typer.Option(help="A service to compare with; else NEEDLOOP_URL, if it answers.")]


def promote(
    model: Model,
    version: Annotated[int, typer.Option(help="A registered version; MLflow lists them.")],
    override: Annotated[str, typer.Option(help="Promote against the gate, for this reason; the ledger keeps it.")] = "",
    as_json: Json = False,
) -> None:
    """Judge a registered version once more. Exit code 0: promoted; 3: refused, with the reason."""
    from flows.services import prefect_server

    with prefect_server(settings_for(model)):
        from flows.promotion import promote as flow

        outcome = flow(model, version, override)
    printed([outcome], as_json)
    raise typer.Exit(0 if outcome.verdict == "promoted" else REFUSED)


def rollback(
    model: Model,
    to: Annotated[int | None, typer.Option(help="An earlier champion; else the one before this.")] = None,
    reason: Annotated[str, typer.Option(help="Why; the ledger keeps it.")] = "no reason given",
    as_json: Json = False,
) -> None:
    """Go back to an earlier champion, once it has answered in a fresh process; a running service follows by itself."""
    from flows.services import prefect_server

    with prefect_server(settings_for(model)):
        from flows.promotion import rollback as flow

        started = time.perf_counter()
        entry = flow(model, to, reason)
    seconds = time.perf_counter() - started
    said = {"model": model, "champion": entry.version, "reason": entry.reasons[0], "seconds": round(seconds, 1)}
    typer.echo(json.dumps(said) if as_json else f"{model} {entry.version} is champion again, {seconds:.1f} s")


def audit(url: Url = None, as_json: Json = False) -> None:
    """Verify the ledger, and that registry, artefacts and service agree with it. Exit code 0: all agree; 1: not."""
    from pipelines.ledger import Ledger
    from pipelines.promotion.audit import audit as audited
    from pipelines.registry import Registry

    settings = Settings().activate()
    ledger = Ledger(settings.ledger)
    served = _served(url or settings.url, settings.authorization, required=url is not None)
    found = audited(ledger, Registry(settings), settings.home / "cache" / "packages", served)
    if as_json:
        typer.echo(json.dumps({"differences": found, "service": served}))
    else:
        asked = "a service" if served is not None else "no service (none answers)"
        typer.echo("\n".join(found) or f"{len(ledger.entries())} entries; registry, artefacts and {asked} agree")
    raise typer.Exit(1 if found else 0)


def _served(url: str, headers: dict[str, str], *, required: bool) -> dict[str, int] | None:
    try:
        found: dict[str, int] = httpx.get(f"{url.rstrip('/')}/readyz", headers=headers, timeout=10).json()["models"]
        return found
    except (httpx.TransportError, ValueError, KeyError, TypeError):
        if required:
            raise
        return None


COMMANDS = (promote, rollback, audit)
