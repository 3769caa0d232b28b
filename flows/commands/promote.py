"""Commands about promotions: promote, rollback, audit."""

import json
import time
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.record import why
from flows.commands.report import Json
from flows.commands.train import REFUSED, Model, printed, settings_for
from pipelines.runtime.progress import step
from pipelines.runtime.settings import Settings
from pipelines.runtime.wording import several

if TYPE_CHECKING:
    from pipelines.home.workspace import Workspace


Champion = Annotated[int | None, typer.Option(help="Only while this version is champion; 0: while there is none.")]
By = Annotated[str, typer.Option(help="Who asks for it, where it is not the user of this process.")]
Url = Annotated[str | None, typer.Option(help="A service to compare with; else NEEDLOOP_URL, if it answers.")]


def promote(
    model: Model,
    version: Annotated[int, typer.Option(help="A registered version; MLflow lists them.")],
    override: Annotated[str, typer.Option(help="Promote against the gate, for this reason; the ledger keeps it.")] = "",
    champion: Champion = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Judge a registered version once more. Exit code 0: promoted; 3: refused, with the reason."""
    from flows.processes.services import prefect_told

    said = why(override) if override else ""
    with prefect_told(settings_for(model)):
        from flows.promotion import promoted
        from pipelines.promotion.verdict import Verdict

        outcome = promoted(model, version, said, champion, by)
    printed([outcome], as_json)
    raise typer.Exit(0 if outcome.verdict is Verdict.PROMOTED else REFUSED)


def rollback(
    model: Model,
    to: Annotated[int | None, typer.Option(help="An earlier champion; else the one before this.")] = None,
    reason: Annotated[str, typer.Option(help="Why; the ledger keeps it.")] = "no reason given",
    champion: Champion = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Go back to an earlier champion, once it has answered in a fresh process; a running service follows by itself."""
    from flows.processes.services import prefect_told

    said = why(reason)
    with prefect_told(settings_for(model)):
        from flows.promotion import rolled_back

        started = time.perf_counter()
        entry = rolled_back(model, to, said, champion, by)
        seconds = time.perf_counter() - started
        told = {"model": model, "champion": entry.version, "reason": entry.reasons[0], "seconds": round(seconds, 1)}
        # Before Prefect's server is stopped, which takes seconds more.
        typer.echo(json.dumps(told) if as_json else f"{model} {entry.version} is champion again, {seconds:.1f} s")


def audit(
    url: Url = None,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Go on with a database that was made anew: what it kept is gone.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Verify the ledger, and that registry, artefacts and service agree with it. Exit code 0: all agree; 1: not."""
    settings = Settings().activate()  # before Prefect is imported, which would log what it says
    from flows.auditing import differences, note, served

    workspace = settings.workspace
    if accept_loss:
        workspace.ledger.accept_loss()
    with step("audit"):
        answering = served(url or settings.url, settings.authorization, required=url is not None)
        problems = differences(workspace, answering)
    note(workspace, problems)
    if as_json:
        typer.echo(json.dumps({"differences": problems, "service": answering}))
    else:
        asked = "a service" if answering is not None else "no service (none answers)"
        typer.echo("\n".join(problems) or _agreed(workspace, asked))
    raise typer.Exit(1 if problems else 0)


def _agreed(workspace: "Workspace", asked: str) -> str:
    count = several(len(workspace.ledger.entries()), "entry", "entries")
    return f"{count}; registry, artefacts and {asked} agree"


COMMANDS = (promote, rollback, audit)
