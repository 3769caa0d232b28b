"""Commands about registered versions: explain, prune."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from flows.commands.report import Json
from flows.commands.train import Model
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.promotion.version_cleanup import CleanupResult
    from pipelines.workspace.workspace import Workspace


def explain(
    model: Model,
    version: Annotated[
        int | None, typer.Option(min=1, help="Number of a registered version; without it, the champion.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the model card of a version, and write it as Markdown and HTML under `<home>/cards`."""
    from pipelines.card.card import card
    from pipelines.card.card_files import write_card
    from pipelines.card.tracing import trace_lineage

    workspace = Settings().activate().workspace
    lineage = trace_lineage(model, version, workspace)
    text = card(lineage)
    files = [str(file) for file in write_card(lineage, text, workspace.files)]
    if as_json:
        typer.echo(json.dumps({"files": files, "card": text, **asdict(lineage)}))
    else:
        Console().print(Markdown(text))
        typer.echo("\n".join(files))


def prune(
    models: Annotated[
        list[str] | None, typer.Argument(help="Models to prune; without names, all registered ones.")
    ] = None,
    keep: Annotated[int, typer.Option(min=0, help="Number of newest versions to keep.")] = 3,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be deleted; delete and write nothing.")
    ] = False,
    claim: Annotated[
        bool,
        typer.Option(
            "--claim", help="Declare that no other home uses the store; this home, copied or moved, becomes its owner."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Delete old versions with their weights, packages and snapshots.

    The champion, the previous champion, the version decided last and the newest ones are kept, and so is all evidence.
    """
    if claim and dry_run:
        raise typer.BadParameter("--claim writes, and --dry-run writes nothing: give only one of them")
    settings = Settings().activate()
    workspace = settings.workspace
    if claim:
        from pipelines.home.addresses import claim_store

        claim_store(workspace.home)
    chosen = _registered(models or [], workspace)
    freed = _forecast(chosen, keep, workspace) if dry_run else _pruned(chosen, keep, settings)
    if as_json:
        typer.echo(json.dumps([row.row() for row in freed], indent=1))
    else:
        Console().print(_table(freed, "would be freed" if dry_run else "freed"))


def _registered(models: Sequence[str], workspace: "Workspace") -> list[str]:
    """The named models, or all registered ones; raises LookupError for a model without versions."""
    known = workspace.registry.names()
    if unknown := [model for model in models if model not in known]:
        registered = f"MLflow has versions of {', '.join(known)}" if known else "MLflow has no versions of any model"
        raise LookupError(f"{', '.join(unknown)}: no versions are registered; {registered}")
    return list(models or known)


def _forecast(models: Sequence[str], keep: int, workspace: "Workspace") -> "list[CleanupResult]":
    from pipelines.promotion.version_cleanup import CleanupResult, plan_cleanup

    plans = [plan_cleanup(model, keep, workspace) for model in models]
    return [CleanupResult(plan, plan.bytes) for plan in plans]


def _pruned(models: Sequence[str], keep: int, settings: Settings) -> "list[CleanupResult]":
    from flows.processes.services import prefect_for_command

    with prefect_for_command(settings):
        from flows.retention import run_prune

        return run_prune(models, keep)


def _table(freed: "Sequence[CleanupResult]", verb: str) -> Table:
    from pipelines.evaluation.figures import size

    table = Table("model", "kept", "pruned", "snapshots", verb, title="Old versions", show_footer=True)
    for entry in freed:
        plan = entry.plan
        versions = [", ".join(map(str, numbers)) or "–" for numbers in (plan.kept, plan.pruned)]
        table.add_row(plan.model, *versions, str(len(plan.snapshots)), size(entry.bytes))
    table.columns[0].footer, table.columns[-1].footer = "total", size(sum(entry.bytes for entry in freed))
    return table


COMMANDS = (explain, prune)
