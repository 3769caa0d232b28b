"""Commands that call a running service: predict, feedback."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from flows.commands.report import Json
from pipelines.client.blocking import Client
from pipelines.client.responses import Prediction, PredictResponse
from pipelines.workspace.settings import Settings

Url = Annotated[
    str | None, typer.Option(help="Address of the service; without it NEEDLOOP_URL, else http://127.0.0.1:8000.")
]
SHOWN_WORDS = 3  # of an explanation; --json has all of them


def predict(
    model: Annotated[str, typer.Argument(help="A model that has a champion.")],
    texts: Annotated[list[str], typer.Argument(help="One or more messages; - reads lines from standard input.")],
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the words that mattered most. Slow: use it for few messages.")
    ] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Ask the running service (`needloop serve`) for the labels of messages."""
    lines = [line.strip() for line in typer.get_text_stream("stdin") if line.strip()] if texts == ["-"] else texts
    with _client(url) as client:
        response = client.predict(model, lines, explain=explain)
    if as_json:
        typer.echo(json.dumps(asdict(response), indent=1))
    else:
        Console().print(answers_table(lines, response, explain))


def feedback(
    prediction: Annotated[str, typer.Argument(help="The id of the answer.")],
    label: Annotated[str | None, typer.Option(help="The right label.")] = None,
    labels: Annotated[
        str | None,
        typer.Option(help="The right labels for a model of several labels, separated by commas: delay,staff."),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="No label of the model is right.")] = False,
    correct: Annotated[
        bool | None, typer.Option("--correct/--incorrect", help="The answer was right, or was not.")
    ] = None,
    rating: Annotated[int | None, typer.Option(min=1, max=5, help="1 to 5 stars.")] = None,
    comment: Annotated[str | None, typer.Option(help="Free text; personal data is masked.")] = None,
    customer: Annotated[
        str | None, typer.Option(help="Customer who gives the feedback, if not the author of the message.")
    ] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Send feedback on an answer to the running service. Retraining learns from the labels."""
    with _client(url) as client:
        saved = client.feedback(
            prediction,
            label=label,
            correct=correct,
            rating=rating,
            comment=comment,
            customer=customer,
            labels=None if labels is None else [part.strip() for part in labels.split(",") if part.strip()],
            none=none,
        )
    typer.echo(json.dumps(asdict(saved)) if as_json else f"saved: {saved.id}")


def _client(url: str | None) -> Client:
    settings = Settings()
    return Client(url or settings.url, settings.api_key)


def answers_table(lines: list[str], response: PredictResponse, explain: bool) -> Table:
    """A row for each text with its answer, and the weightiest words if they are explained."""
    heads = ("label", "score", "text", *(("why",) if explain else ()))
    ids = Column(
        "id", width=max(len(prediction.id) for prediction in response.predictions)
    )  # not cut: `needloop feedback` needs it
    columns = (Column(head, overflow="fold") for head in heads)
    table = Table(ids, *columns, title=f"{response.model} version {response.version}")
    for text, prediction in zip(lines, response.predictions, strict=True):
        labels = ", ".join(prediction.labels) or ("" if prediction.abstained else "none of these")
        label = f"{labels}{' (abstains)' if prediction.abstained else ''}".strip()
        score = "–" if prediction.score is None else f"{prediction.score:.3f}"
        words = (_why(prediction),) if explain else ()
        table.add_row(prediction.id, escape(label), score, escape(text[:80]), *words)
    return table


def _why(prediction: Prediction) -> str:
    return escape(", ".join(f"{word.word} {word.weight:+.2f}" for word in prediction.why[:SHOWN_WORDS]))


COMMANDS = (predict, feedback)
