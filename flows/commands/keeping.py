"""Commands about what is kept of versions: explain, prune."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from flows.commands.learning import Model
from flows.commands.report import Json
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.promotion.pruning import Freed


def explain(
    model: Model,
    version: Annotated[int | None, typer.Option(min=1, help="A registered version; else the champion.")] = None,
    as_json: Json = False,
) -> None:
    """Print the model card of a version, and write it as Markdown and HTML under `<home>/cards`."""
    from pipelines.card.card import card
    from pipelines.card.files import written
    from pipelines.card.tracing import traced

    settings = Settings().activate()
    lineage = traced(model, version, settings)
    told = card(lineage)
    files = [str(file) for file in written(lineage, told, settings)]
    if as_json:
        typer.echo(json.dumps({"files": files, "card": told, **asdict(lineage)}))
    else:
        Console().print(Markdown(told))
        typer.echo("\n".join(files))


def prune(
    models: Annotated[list[str] | None, typer.Argument(help="Which models; all registered ones without names.")] = None,
    keep: Annotated[int, typer.Option(min=0, help="How many of the newest versions stay.")] = 3,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; delete and write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Delete old versions with their weights, packages and snapshots.

    The champion, the one before it, the version judged last and the newest ones stay, and all evidence of decisions.
    """
    settings = Settings().activate()
    chosen = _registered(models or [], settings)
    freed = _forecast(chosen, keep, settings) if dry_run else _pruned(chosen, keep, settings)
    if as_json:
        typer.echo(json.dumps([one.row() for one in freed], indent=1))
    else:
        Console().print(_table(freed, "would be freed" if dry_run else "freed"))


def _registered(models: Sequence[str], settings: Settings) -> list[str]:
    """The models named, or all; raises LookupError for one without versions."""
    from pipelines.registry.registry import Registry

    known = Registry(settings).names()
    if strange := [model for model in models if model not in known]:
        raise LookupError(f"{', '.join(strange)}: no versions; MLflow has {', '.join(known) or 'none of any model'}")
    return list(models or known)


def _forecast(models: Sequence[str], keep: int, settings: Settings) -> "list[Freed]":
    from pipelines.promotion.pruning import Freed, planned

    plans = [planned(model, keep, settings) for model in models]
    return [Freed(plan, plan.bytes) for plan in plans]


def _pruned(models: Sequence[str], keep: int, settings: Settings) -> "list[Freed]":
    from flows.services import prefect_server

    with prefect_server(settings):
        from flows.retention import prune as flow

        return flow(models, keep)


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
