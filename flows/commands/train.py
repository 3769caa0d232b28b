"""Commands that learn: run, train, retrain."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from flows.commands.report import Json, crowded, outcome_json, outcome_tables, where_next
from flows.commands.seed_spread import notes, spread_of
from pipelines.runtime.progress import is_watched
from pipelines.runtime.settings import Settings

if TYPE_CHECKING:
    from flows.outcome import Outcome
    from pipelines.catalog.spec import Catalog

REFUSED = 3
Hold = Annotated[bool, typer.Option("--hold", help="Judge, and do not promote: shadow or canary first.")]
Model = Annotated[str, typer.Argument(help="A declared model; `needloop models` lists them.")]


def run(
    models: Annotated[list[str] | None, typer.Argument(help="Which models; all built-in ones without names.")] = None,
    as_json: Json = False,
) -> None:
    """Run the whole loop twice around: learn, judge, serve, listen, learn again, judge again."""
    from flows.processes.services import prefect_told
    from pipelines.catalog.spec import BUILT_IN

    models = models or [spec.name for spec in BUILT_IN]
    settings = settings_for(*models)
    say = Console(stderr=True, highlight=False).print
    if is_watched():
        say("starting Prefect (half a minute on a fresh home) ...")
    with prefect_told(settings):
        from flows.loop import loop

        outcomes = loop(models, say)
    printed(outcomes, as_json)
    if not as_json:
        Console().print(where_next(settings))


def train(model: Model, hold: Hold = False, as_json: Json = False) -> None:
    """Train one declared model and let it stand. Exit code 0: promoted, or held; 3: refused, with the reason."""
    from flows.processes.services import prefect_told

    with prefect_told(settings_for(model)):
        from flows.training import trained

        outcome = trained(model, hold)
    printed([outcome], as_json)
    raise typer.Exit(_code(outcome))


def retrain(model: Model, hold: Hold = False, as_json: Json = False) -> None:
    """Learn again from new feedback. Exit code 0: promoted, held, or skipped with a reason; 3: refused."""
    from flows.processes.services import prefect_told

    with prefect_told(settings_for(model)):
        from flows.retraining import retrained

        outcome = retrained(model, hold)
    printed([outcome], as_json)
    raise typer.Exit(_code(outcome))


def _code(outcome: "Outcome") -> int:
    from pipelines.promotion.verdict import Verdict

    return REFUSED if outcome.verdict is Verdict.REFUSED else 0


def settings_for(*models: str) -> Settings:
    """The settings, once it is known that every model is declared: a misspelt name should not cost half a minute."""
    from pipelines.catalog.spec import find, load

    settings = Settings().activate()
    catalog = load(settings.catalog_file)
    for model in models:
        find(model, catalog)
    return settings


def printed(outcomes: "list[Outcome]", as_json: bool) -> None:
    """Outcomes as a table with notes on their seeds, or as JSON."""
    from pipelines.catalog.spec import load

    catalog = load(Settings().catalog_file)
    if as_json:
        typer.echo(json.dumps([outcome_json(one) | {"spread": _plain(one, catalog)} for one in outcomes], indent=1))
    else:
        for table in outcome_tables(outcomes):
            Console().print(table)
        for outcome in outcomes:
            if crowded(outcome):
                Console(highlight=False).print(f"{outcome.model}: {outcome.verdict} ({outcome.reason})", markup=False)
        for note in notes(outcomes, catalog):
            Console(highlight=False).print(note)
        for outcome in outcomes:
            if outcome.set_aside:
                typer.echo(f"{outcome.model}: {outcome.set_aside}")  # in one line: commands are copied from it


def _plain(outcome: "Outcome", catalog: "Catalog") -> dict[str, Any] | None:
    found = spread_of(outcome, catalog)
    return asdict(found) if found else None


COMMANDS = (run, train, retrain)
