"""Commands that talk with a running service: predict, feedback."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from flows.commands.report import Json
from pipelines.client.blocking import Client
from pipelines.client.responses import Answers, Prediction
from pipelines.runtime.settings import Settings

Url = Annotated[str | None, typer.Option(help="Address of the service; else NEEDLOOP_URL, else http://127.0.0.1:8000.")]
TOLD = 3  # words of an explanation; --json has them all


def predict(
    model: Annotated[str, typer.Argument(help="A model that has a champion.")],
    texts: Annotated[list[str], typer.Argument(help="One or more messages; - reads lines from standard input.")],
    explain: Annotated[bool, typer.Option("--explain", help="Show the words that mattered; few messages.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Ask the running service (`needloop serve`) what customers want."""
    lines = [line.strip() for line in typer.get_text_stream("stdin") if line.strip()] if texts == ["-"] else texts
    with _client(url) as client:
        found = client.predict(model, lines, explain=explain)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1))
    else:
        Console().print(_table(lines, found, explain))


def feedback(
    prediction: Annotated[str, typer.Argument(help="The id that came with the answer.")],
    label: Annotated[str | None, typer.Option(help="The label it should have been.")] = None,
    labels: Annotated[
        str | None, typer.Option(help="The same of a model that gives several, with commas: delay,staff.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Nothing that the model can answer is right.")] = False,
    correct: Annotated[bool | None, typer.Option("--correct/--incorrect", help="Was the answer right?")] = None,
    rating: Annotated[int | None, typer.Option(min=1, max=5, help="1 to 5.")] = None,
    comment: Annotated[str | None, typer.Option(help="Anything else; personal data is masked.")] = None,
    customer: Annotated[str | None, typer.Option(help="Who says so, if not the one who wrote the message.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Tell the running service how good an answer was; labels are learnt from."""
    with _client(url) as client:
        kept = client.feedback(
            prediction,
            label=label,
            correct=correct,
            rating=rating,
            comment=comment,
            customer=customer,
            labels=None if labels is None else [part.strip() for part in labels.split(",") if part.strip()],
            none=none,
        )
    typer.echo(json.dumps(asdict(kept)) if as_json else f"kept: {kept.id}")


def _client(url: str | None) -> Client:
    settings = Settings()
    return Client(url or settings.url, settings.api_key)


def _table(lines: list[str], found: Answers, explain: bool) -> Table:
    heads = ("label", "score", "text", *(("why",) if explain else ()))
    ids = Column("id", width=max(len(one.id) for one in found.predictions))  # whole: `needloop feedback` asks for it
    columns = (Column(head, overflow="fold") for head in heads)
    table = Table(ids, *columns, title=f"{found.model} version {found.version}")
    for text, one in zip(lines, found.predictions, strict=True):
        named = ", ".join(one.labels) or ("" if one.abstained else "none of these")
        label = f"{named}{' (abstains)' if one.abstained else ''}".strip()
        score = "–" if one.score is None else f"{one.score:.3f}"
        why = (_why(one),) if explain else ()
        table.add_row(one.id, escape(label), score, escape(text[:80]), *why)
    return table


def _why(prediction: Prediction) -> str:
    return escape(", ".join(f"{one.word} {one.weight:+.2f}" for one in prediction.why[:TOLD]))


COMMANDS = (predict, feedback)
