"""Commands about promotions: audit."""

import json
from typing import Annotated

import httpx
import typer

from flows.commands.report import Json
from pipelines.settings import Settings

Url = Annotated[str | None, typer.Option(help="A service to compare with; else NEEDLOOP_URL, if it answers.")]


def audit(url: Url = None, as_json: Json = False) -> None:
    """Verify the ledger, and that registry, artefacts and service agree with it. Exit code 0: all agree; 1: not."""
    from pipelines.ledger import Ledger
    from pipelines.promotion.audit import audit as audited
    from pipelines.registry import Registry

    settings = Settings().activate()
    ledger = Ledger(settings.ledger)
    served = _served(url or settings.url, required=url is not None)
    found = audited(ledger, Registry(settings), settings.home / "cache" / "packages", served)
    if as_json:
        typer.echo(json.dumps({"differences": found, "service": served}))
    else:
        asked = "a service" if served is not None else "no service (none answers)"
        typer.echo("\n".join(found) or f"{len(ledger.entries())} entries; registry, artefacts and {asked} agree")
    raise typer.Exit(1 if found else 0)


def _served(url: str, *, required: bool) -> dict[str, int] | None:
    try:
        found: dict[str, int] = httpx.get(f"{url.rstrip('/')}/readyz", timeout=10).json()["models"]
        return found
    except (httpx.TransportError, ValueError, KeyError, TypeError):
        if required:
            raise
        return None


COMMANDS = (audit,)
