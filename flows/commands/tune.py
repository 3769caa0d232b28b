"""The command that searches for a better recipe: tune."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.commands.report import Json
from flows.commands.train import Model, settings_for

if TYPE_CHECKING:
    from pipelines.tuning.tuning_record import Row
    from pipelines.tuning.tuning_result import Tuning


def tune(
    model: Model,
    base: Annotated[
        list[str] | None, typer.Option(help="An encoder to try beside the declared one; may be repeated.")
    ] = None,
    minutes: Annotated[
        float, typer.Option(min=0.01, help="Time budget in minutes for all trials, those of earlier calls included.")
    ] = 20,
    trials: Annotated[
        int, typer.Option(min=1, help="Maximum number of recipes, not counting repeats with other seeds.")
    ] = 60,
    seed: Annotated[int, typer.Option(help="Seed of the search; the recipe keeps its own seed.")] = 0,
    apply: Annotated[bool, typer.Option("--apply", help="Write the chosen recipe into your catalog.")] = False,
    as_json: Json = False,
) -> None:
    """Compare encoders and recipes on validation rows within a time budget. The same command resumes the search."""
    from flows.processes.services import prefect_for_command

    with prefect_for_command(settings_for(model)):
        from flows.tuning import run_tuning
        from pipelines.tuning.tuning_record import document
        from pipelines.tuning.tuning_result import Plan

        tuning = run_tuning(model, Plan(minutes, trials, seed, tuple(base or ())), apply)
    if as_json:
        typer.echo(json.dumps(document(tuning), indent=1))
    else:
        _print(tuning, apply)


def _print(tuning: "Tuning", applied: bool) -> None:
    from pipelines.tuning.tuning_record import rows

    out = Console(highlight=False).print
    out(_table(tuning, rows(tuning)))
    out(escape(tuning.choice.reason))
    if tuning.spec.recipe.pretraining:
        out("trials leave out pretraining; `needloop train` includes it, whichever recipe is chosen")
    if tuning.choice.trial == tuning.declared or tuning.choice.trial is None:
        out("nothing to change")
    elif applied:
        out(f"written to your catalog; next: needloop train {tuning.model}")
    else:
        out("to use it, run the same command with --apply: it repeats no finished trial")


def _table(tuning: "Tuning", rows: "list[Row]") -> Table:
    from pipelines.kinds.known import find_kind

    name, caption = find_kind(tuning.spec.kind).score
    heads = ("trial", "backbone", "differs from the declared recipe", caption, "seconds", "trainable weights")
    table = Table(*heads, title=f"Trials of {tuning.model} on its validation rows (± standard error)")
    for row in rows:
        table.add_row(*map(escape, _cells(row, name)), style="bold green" if row["chosen"] else None)
    return table


def _cells(row: "Row", score: str) -> list[str]:
    measured = f"{row[score]:.3f} ± {row['error']:.3f}" if row[score] is not None else row["end"]
    weights = f"{row['learning_weights']:,}" if row["learning_weights"] else ""
    name = f"{row['trial']}{' *' if row['chosen'] else ''}"
    return [name, row["backbone"], _changes(row), measured, f"{row['seconds']:.1f}", weights]


def _changes(row: "Row") -> str:
    """The differences from the declared recipe; pruning is left out, since the column of the encoder shows it."""
    changes = {name: _value(value) for name, value in row["changes"].items() if name != "pruning"}
    if row["repeats"] is not None:
        return f"trial {row['repeats']} again, seed {changes['seed']}"
    return ", ".join(f"{name} {value}" for name, value in changes.items()) or "as declared"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(map(str, value.values()))
    return f"{value:g}" if isinstance(value, float) else str(value).lower()


COMMANDS = (tune,)
