"""Commands about what is kept of versions: explain, prune."""

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
from pipelines.runtime.settings import Settings

if TYPE_CHECKING:
    from pipelines.home.workspace import Workspace
    from pipelines.promotion.version_cleanup import Freed


def explain(
    model: Model,
    version: Annotated[int | None, typer.Option(min=1, help="A registered version; else the champion.")] = None,
    as_json: Json = False,
) -> None:
    """Print the model card of a version, and write it as Markdown and HTML under `<home>/cards`."""
    from pipelines.card.card import card
    from pipelines.card.card_files import written
    from pipelines.card.tracing import traced

    workspace = Settings().activate().workspace
    lineage = traced(model, version, workspace)
    told = card(lineage)
    files = [str(file) for file in written(lineage, told, workspace.files)]
    if as_json:
        typer.echo(json.dumps({"files": files, "card": told, **asdict(lineage)}))
    else:
        Console().print(Markdown(told))
        typer.echo("\n".join(files))


def prune(
    models: Annotated[list[str] | None, typer.Argument(help="Which models; all registered ones without names.")] = None,
    keep: Annotated[int, typer.Option(min=0, help="How many of the newest versions stay.")] = 3,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; delete and write nothing.")] = False,
    claim: Annotated[
        bool,
        typer.Option("--claim", help="No other home uses the store: this one, copied or moved, owns it from now on."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Delete old versions with their weights, packages and snapshots.

    The champion, the one before it, the version judged last and the newest ones stay, and all evidence of decisions.
    """
    if claim and dry_run:
        raise typer.BadParameter("--claim writes, and --dry-run writes nothing: give one of them")
    settings = Settings().activate()
    workspace = settings.workspace
    if claim:
        from pipelines.home.owning import claim as claimed

        claimed(workspace.home)
    chosen = _registered(models or [], workspace)
    freed = _forecast(chosen, keep, workspace) if dry_run else _pruned(chosen, keep, settings)
    if as_json:
        typer.echo(json.dumps([one.row() for one in freed], indent=1))
    else:
        Console().print(_table(freed, "would be freed" if dry_run else "freed"))


def _registered(models: Sequence[str], workspace: "Workspace") -> list[str]:
    """The models named, or all; raises LookupError for one without versions."""
    known = workspace.registry.names()
    if strange := [model for model in models if model not in known]:
        raise LookupError(f"{', '.join(strange)}: no versions; MLflow has {', '.join(known) or 'none of any model'}")
    return list(models or known)


def _forecast(models: Sequence[str], keep: int, workspace: "Workspace") -> "list[Freed]":
    from pipelines.promotion.version_cleanup import Freed, planned

    plans = [planned(model, keep, workspace) for model in models]
    return [Freed(plan, plan.bytes) for plan in plans]


def _pruned(models: Sequence[str], keep: int, settings: Settings) -> "list[Freed]":
    from flows.processes.services import prefect_told

    with prefect_told(settings):
        from flows.retention import pruned

        return pruned(models, keep)


def _table(freed: "Sequence[Freed]", verb: str) -> Table:
    from pipelines.card.figures import size

    table = Table("model", "kept", "pruned", "snapshots", verb, title="Old versions", show_footer=True)
    for one in freed:
        plan = one.plan
        numbers = [", ".join(map(str, versions)) or "–" for versions in (plan.kept, plan.pruned)]
        table.add_row(plan.model, *numbers, str(len(plan.snapshots)), size(one.bytes))
    table.columns[0].footer, table.columns[-1].footer = "total", size(sum(one.bytes for one in freed))
    return table


COMMANDS = (explain, prune)
