"""The command that asks a running service for the labels of messages: predict."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from flows.commands.answer_file import print_counts, write_answers
from flows.commands.answer_table import answers_table
from flows.commands.feedback import BULK_ATTEMPTS, Url, service_client
from flows.commands.message_input import MessageCommand, read_messages
from flows.commands.report import Json
from pipelines.client.blocking import Client
from pipelines.client.request_batches import MAX_TEXTS, batches
from pipelines.client.responses import Prediction, PredictResponse
from pipelines.runtime.progress import late_progress
from pipelines.runtime.wording import counted_noun

MAX_EXPLAINED = 8  # texts of one request


def predict(
    model: Annotated[str, typer.Argument(help="A model that has a champion.")],
    texts: Annotated[
        list[str] | None, typer.Argument(help="One or more messages; - reads lines from standard input.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the words that mattered most. Slow: use it for few messages.")
    ] = False,
    data: Annotated[
        str | None, typer.Option(help="A file of messages instead, in any format that `needloop add` reads.")
    ] = None,
    text: Annotated[str, typer.Option(help="The column of --data that holds the message.")] = "text",
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of --data, such as cp1252; without it, detected.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File for the answers to --data: .csv, .jsonl or .parquet. Texts are masked.")
    ] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Ask the running service (`needloop serve`) for the labels of messages. A message may begin with a dash."""
    _require_one_input(texts, data, out, explain)
    if data and out:
        with service_client(url, BULK_ATTEMPTS) as client:
            print_counts(write_answers(client, model, (data, text, encoding), out), out, as_json)
        return
    messages = read_messages(texts or ())
    with service_client(url, BULK_ATTEMPTS if len(messages) > MAX_TEXTS else 5) as client:
        response = _answers(client, model, messages, explain)
    if as_json:
        typer.echo(json.dumps(asdict(response), indent=1))
    else:
        Console().print(answers_table(messages, response, explain))


def _require_one_input(texts: Sequence[str] | None, data: str | None, out: Path | None, explain: bool) -> None:
    """Raises BadParameter unless there are messages, or a file of them and a file for the answers."""
    if not texts and not data:
        raise typer.BadParameter("give one or more messages, - for standard input, or --data FILE with --out FILE")
    if texts and data:
        raise typer.BadParameter("give messages or --data, but not both")
    if bool(data) is not bool(out):
        raise typer.BadParameter("--data and --out belong together: give both")
    if data and explain:
        raise typer.BadParameter("--explain is for few messages: give them as arguments, without --data")


def _answers(client: Client, model: str, messages: Sequence[str], explain: bool) -> PredictResponse:
    """The answers to any number of messages in one response, with the version that answered last."""
    predictions: list[Prediction] = []
    versions: dict[int, None] = {}
    with late_progress(lambda: f"{len(predictions):,} of {len(messages):,} messages answered"):
        for batch in batches(messages, str, MAX_EXPLAINED if explain else MAX_TEXTS):
            response = client.predict(model, batch, explain=explain)
            predictions += response.predictions
            versions[response.version] = None
    if truncated := sum(prediction.truncated for prediction in predictions):
        typer.echo(
            f"{counted_noun(truncated, 'message')} longer than the model reads: it read a part of each", err=True
        )
    if len(versions) > 1:
        typer.echo(f"versions {', '.join(map(str, versions))} answered: a promotion or a canary", err=True)
    return PredictResponse(model, list(versions)[-1], tuple(predictions))


COMMAND_CLASS = MessageCommand
COMMANDS = (predict,)
