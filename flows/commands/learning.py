"""Commands that learn: run, train, retrain."""

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from flows.commands.report import Json, outcome_json, outcome_table, where_next
from pipelines.settings import Settings

if TYPE_CHECKING:
    from flows.outcome import Outcome

REFUSED = 3
Hold = Annotated[bool, typer.Option("--hold", help="Judge, and do not promote: shadow or canary first.")]
Model = Annotated[str, typer.Argument(help="A declared model; `needloop models` lists them.")]


def run(
    models: Annotated[list[str] | None, typer.Argument(help="Which models; all built-in ones without names.")] = None,
    as_json: Json = False,
) -> None:
    """Run the whole loop twice around: learn, judge, serve, listen, learn again, judge again."""
    from flows.services import prefect_server
    from pipelines.catalog import BUILT_IN

    models = models or [spec.name for spec in BUILT_IN]
    settings = settings_for(*models)
    say = Console(stderr=True, highlight=False).print
    say("starting Prefect (half a minute on a fresh home) ...")
    with prefect_server(settings):
        from flows.loop import loop

        outcomes = loop(models, say)
    printed(outcomes, as_json)
    if not as_json:
        Console().print(where_next(settings))


def train(model: Model, hold: Hold = False, as_json: Json = False) -> None:
    """Train one declared model and let it stand. Exit code 0: promoted, or held; 3: refused, with the reason."""
    from flows.services import prefect_server

    with prefect_server(settings_for(model)):
        from flows.training import train as flow

        outcome = flow(model, hold)
    printed([outcome], as_json)
    raise typer.Exit(REFUSED if outcome.verdict == "refused" else 0)


def retrain(model: Model, hold: Hold = False, as_json: Json = False) -> None:
    """Learn again from new feedback. Exit code 0: promoted, held, or skipped with a reason; 3: refused."""
    from flows.services import prefect_server

    with prefect_server(settings_for(model)):
        from flows.retraining import retrained

        outcome = retrained(model, hold)
    printed([outcome], as_json)
    raise typer.Exit(REFUSED if outcome.verdict == "refused" else 0)


def settings_for(*models: str) -> Settings:
    """The settings, once it is known that every model is declared: a misspelt name should not cost half a minute."""
    from pipelines.catalog import find, load

    settings = Settings().activate()
    catalog = load(settings)
    for model in models:
        find(model, catalog)
    return settings


def printed(outcomes: "list[Outcome]", as_json: bool) -> None:
    """Outcomes as a table, or as JSON."""
    if as_json:
        typer.echo(json.dumps([outcome_json(outcome) for outcome in outcomes], indent=1))
    else:
        Console().print(outcome_table(outcomes))


COMMANDS = (run, train, retrain)
