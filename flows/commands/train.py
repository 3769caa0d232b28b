"""Commands that train: run, train, retrain."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from flows.commands.report import Json, crowded, outcome_json, outcome_tables, where_next
from flows.commands.row_table import print_rows, rows_of_errors
from flows.commands.seed_spread import notes, spread_of
from pipelines.runtime.progress import is_terminal
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from flows.outcome import Outcome
    from pipelines.catalog.catalog_file import Catalog

REFUSED = 3
Hold = Annotated[bool, typer.Option("--hold", help="Evaluate and do not promote; use shadow, canary or promote next.")]
AcceptLoss = Annotated[
    bool, typer.Option("--accept-loss", help="Learn though more than half of the source's rows are lost.")
]
Model = Annotated[str, typer.Argument(help="A declared model; `needloop models` lists them.")]


def run(
    models: Annotated[list[str] | None, typer.Argument(help="Models to run; without names, all built-in ones.")] = None,
    as_json: Json = False,
) -> None:
    """Run the whole loop twice: train, evaluate, serve, collect feedback, retrain, evaluate again."""
    from flows.processes.services import prefect_for_command
    from pipelines.catalog.built_in import BUILT_IN

    models = models or [spec.name for spec in BUILT_IN]
    settings = settings_for(*models)
    print_line = Console(stderr=True, highlight=False).print
    if is_terminal():
        print_line("starting Prefect (half a minute on a fresh home) ...")
    with prefect_for_command(settings):
        from flows.loop import loop

        outcomes = loop(models, print_line)
    printed(outcomes, as_json)
    if not as_json:
        Console().print(where_next(settings))


def train(model: Model, hold: Hold = False, accept_loss: AcceptLoss = False, as_json: Json = False) -> None:
    """Train one declared model; the gate decides. Exit code 0: promoted or held; 3: refused, with the reason."""
    from flows.processes.services import prefect_for_command

    with prefect_for_command(settings_for(model)):
        from flows.training import run_training

        with rows_of_errors(as_json):
            outcome = run_training(model, hold, accept_loss=accept_loss)
    printed([outcome], as_json)
    raise typer.Exit(_code(outcome))


def retrain(model: Model, hold: Hold = False, accept_loss: AcceptLoss = False, as_json: Json = False) -> None:
    """Retrain the champion with new feedback. Exit code 0: promoted, held, or skipped with a reason; 3: refused."""
    from flows.processes.services import prefect_for_command

    with prefect_for_command(settings_for(model)):
        from flows.retraining import run_retraining

        with rows_of_errors(as_json):
            outcome = run_retraining(model, hold, accept_loss=accept_loss)
    printed([outcome], as_json)
    raise typer.Exit(_code(outcome))


def _code(outcome: "Outcome") -> int:
    from pipelines.promotion.verdict import Verdict

    return REFUSED if outcome.verdict is Verdict.REFUSED else 0


def settings_for(*models: str) -> Settings:
    """The settings; raises UnknownModel for a model that is not declared, before Prefect starts (30 s)."""
    from pipelines.catalog.catalog_file import find, load

    settings = Settings().activate()
    catalog = load(settings.catalog_file)
    for model in models:
        find(model, catalog)
    return settings


def printed(outcomes: "list[Outcome]", as_json: bool) -> None:
    """Print outcomes as a table with notes on their seeds, or as JSON."""
    from pipelines.catalog.catalog_file import load

    catalog = load(Settings().catalog_file)
    if as_json:
        typer.echo(
            json.dumps([outcome_json(outcome) | {"spread": _plain(outcome, catalog)} for outcome in outcomes], indent=1)
        )
    else:
        for outcome in outcomes:
            if outcome.rows:
                print_rows(outcome.rows, title=outcome.model)
        for table in outcome_tables(outcomes):
            Console().print(table)
        for outcome in outcomes:
            if crowded(outcome):
                Console(highlight=False).print(f"{outcome.model}: {outcome.verdict} ({outcome.reason})", markup=False)
        for note in notes(outcomes, catalog):
            Console(highlight=False).print(note)
        for outcome in outcomes:
            if outcome.set_aside:
                typer.echo(f"{outcome.model}: {outcome.set_aside}")  # in one line, because people copy commands from it


def _plain(outcome: "Outcome", catalog: "Catalog") -> dict[str, Any] | None:
    spread = spread_of(outcome, catalog)
    return asdict(spread) if spread else None


COMMANDS = (run, train, retrain)
