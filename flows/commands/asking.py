"""Commands that talk with a running service: predict, feedback."""

import json
from typing import Annotated, Any
from uuid import uuid4

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.commands.report import Json
from pipelines.settings import Settings

Url = Annotated[str | None, typer.Option(help="Address of the service; else NEEDLOOP_URL, else http://127.0.0.1:8000.")]


class NoAnswer(RuntimeError):
    """The service refused, or is not there."""


def predict(
    model: Annotated[str, typer.Argument(help="A model that has a champion.")],
    texts: Annotated[list[str], typer.Argument(help="One or more messages; - reads lines from standard input.")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Ask the running service (`needloop serve`) what customers want."""
    lines = [line.strip() for line in typer.get_text_stream("stdin") if line.strip()] if texts == ["-"] else texts
    found = _post(url, f"/v1/models/{model}/predict", {"texts": lines})
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    table = Table("id", "label", "score", "text", title=f"{model} version {found['version']}")
    for text, one in zip(lines, found["predictions"], strict=True):
        table.add_row(one["id"], escape(one["label"]), f"{one['score']:.3f}", escape(text[:80]))
    Console().print(table)


def feedback(
    prediction: Annotated[str, typer.Argument(help="The id that came with the answer.")],
    label: Annotated[str | None, typer.Option(help="The label it should have been.")] = None,
    correct: Annotated[bool | None, typer.Option("--correct/--incorrect", help="Was the answer right?")] = None,
    rating: Annotated[int | None, typer.Option(min=1, max=5, help="1 to 5.")] = None,
    comment: Annotated[str | None, typer.Option(help="Anything else; personal data is masked.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Tell the running service how good an answer was; labels are learnt from."""
    said = {"prediction": prediction, "label": label, "correct": correct, "rating": rating, "comment": comment}
    found = _post(url, "/v1/feedback", {name: value for name, value in said.items() if value is not None})
    typer.echo(json.dumps(found) if as_json else f"kept: {found.get('id')}")


def _post(url: str | None, path: str, body: dict[str, Any]) -> dict[str, Any]:
    settings = Settings()
    base = (url or settings.url).rstrip("/")
    headers = {"Idempotency-Key": uuid4().hex} | settings.authorization
    try:
        answer = httpx.post(base + path, json=body, headers=headers, timeout=60)
    except httpx.TransportError as error:
        raise NoAnswer(f"no service at {base} ({error}); start one with: needloop serve") from error
    if answer.is_error:
        raise NoAnswer(f"the service answered {answer.status_code}: {answer.text[:400]}")
    found: dict[str, Any] = answer.json()
    return found


COMMANDS = (predict, feedback)
