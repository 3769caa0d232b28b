"""Commands about promotions: promote, rollback, audit."""

import json
import time
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.record import mask_reason
from flows.commands.report import Json
from flows.commands.train import REFUSED, Model, printed, settings_for
from pipelines.runtime.progress import step
from pipelines.runtime.wording import counted_noun
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.workspace.workspace import Workspace


Champion = Annotated[
    int | None, typer.Option(help="Fail unless this version is the champion; 0: unless there is none.")
]
By = Annotated[str, typer.Option(help="Name of the person who decides, if not the user of this process.")]
Url = Annotated[
    str | None,
    typer.Option(help="Address of the service to compare; without it NEEDLOOP_URL, if a service answers there."),
]


def promote(
    model: Model,
    version: Annotated[int, typer.Option(help="Number of a registered version, as MLflow lists it.")],
    override: Annotated[
        str, typer.Option(help="Reason to promote even if the gate refuses; the ledger keeps it.")
    ] = "",
    champion: Champion = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Evaluate a registered version again and decide. Exit code 0: promoted; 3: refused, with the reason."""
    from flows.processes.services import prefect_for_command

    override_reason = mask_reason(override) if override else ""
    with prefect_for_command(settings_for(model)):
        from flows.promotion import run_promotion
        from pipelines.promotion.verdict import Verdict

        outcome = run_promotion(model, version, override_reason, champion, by)
    printed([outcome], as_json)
    raise typer.Exit(0 if outcome.verdict is Verdict.PROMOTED else REFUSED)


def rollback(
    model: Model,
    to: Annotated[
        int | None, typer.Option(help="Version of an earlier champion; without it, the previous one.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Reason, stored in the ledger.")] = "no reason given",
    champion: Champion = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Make an earlier champion the champion again, once it has answered in a fresh process; the service follows."""
    from flows.processes.services import prefect_for_command

    kept_reason = mask_reason(reason)
    with prefect_for_command(settings_for(model)):
        from flows.promotion import run_rollback

        started = time.perf_counter()
        entry = run_rollback(model, to, kept_reason, champion, by)
        seconds = time.perf_counter() - started
        result = {"model": model, "champion": entry.version, "reason": entry.reasons[0], "seconds": round(seconds, 1)}
        # Printed before Prefect's server is stopped, which takes seconds more.
        typer.echo(json.dumps(result) if as_json else f"{model} {entry.version} is champion again, {seconds:.1f} s")


def audit(
    url: Url = None,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Accept a new database: the content of the previous one is lost.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Verify the ledger; compare registry, artefacts and service with it. Exit code 0: all agree; 1: a difference."""
    settings = Settings().activate()  # before Prefect is imported: it would log a notice of a moved home
    from flows.auditing import differences, save_audit, served_versions

    workspace = settings.workspace
    if accept_loss:
        workspace.ledger.accept_loss()
    with step("audit"):
        answering = served_versions(url or settings.url, settings.authorization, required=url is not None)
        problems = differences(workspace, answering)
    save_audit(workspace, problems)
    if as_json:
        typer.echo(json.dumps({"differences": problems, "service": answering}))
    else:
        typer.echo("\n".join(problems) or _agreement(workspace, service_answers=answering is not None))
    raise typer.Exit(1 if problems else 0)


def _agreement(workspace: "Workspace", *, service_answers: bool) -> str:
    count = counted_noun(len(workspace.ledger.entries()), "entry", "entries")
    if service_answers:
        return f"{count}; registry, artefacts and a service agree"
    return f"{count}; registry and artefacts agree; no service answers, so none was compared"


COMMANDS = (promote, rollback, audit)
