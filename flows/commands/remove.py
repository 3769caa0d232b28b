"""The command that removes a declaration from the catalog: remove."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.record import update_mlflow
from flows.commands.report import Json
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.onboarding.removal import Removal


def remove(
    model: Annotated[str, typer.Argument(help="A model of your catalog; built-in models stay.")],
    yes: Annotated[bool, typer.Option("--yes", help="Remove it without a question.")] = False,
    as_json: Json = False,
) -> None:
    """Remove a declaration from the catalog. Its champion is paused; ledger, versions and feedback stay."""
    from pipelines.onboarding import removal

    workspace = Settings().activate().workspace
    removal.require_own(model, workspace.catalog_file)
    if not yes:
        _confirm(f"Remove {model} from {workspace.catalog_file}? It has {removal.stored(model, workspace)}")
    done = removal.remove(model, workspace)
    typer.echo(json.dumps({**asdict(done), "file": str(done.file)}) if as_json else "\n".join(_lines(done)))
    if done.paused is not None:
        update_mlflow(model, workspace)


def _confirm(question: str) -> None:
    """Ask on a terminal. Raises Abort after a no, and BadParameter where nobody can be asked."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("nobody can be asked here: give --yes to remove the declaration")
    typer.confirm(question, abort=True, err=True)


def _lines(done: "Removal") -> list[str]:
    lines = [f"removed {done.model} from {done.file}"]
    if done.paused is not None:
        lines.append(
            f"its champion, version {done.paused}, is paused: the service abstains for {done.model} until "
            f"needloop resume {done.model}"
        )
    if done.built_in:
        lines.append(f"the built-in model {done.model} is declared again; its champion answers as before")
    return [*lines, f"kept: the ledger, {done.stored}"]


COMMANDS = (remove,)
