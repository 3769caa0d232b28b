"""Answers to a file of messages, written into a file."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipelines.client.blocking import Client
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.exporting.batch_answers import AnswerCounts, AnswerTable

Input = tuple[str, str, str | None]  # address, text column, encoding


def write_answers(client: Client, model: str, messages: Input, out: Path) -> "AnswerCounts":
    """Write the answers to a file of messages. Raises UnusableSource if no message can be read."""
    from pipelines.catalog.spec import Source
    from pipelines.exporting.batch_answers import AnswerCounts, answer
    from pipelines.exporting.table_file import require_table_path, table_file
    from pipelines.ingestion.records import read
    from pipelines.ingestion.sources import address
    from pipelines.runtime.progress import late_progress

    data, text, encoding = messages
    uri, counts = address(data), AnswerCounts()
    require_table_path(out, uri)
    rows = read(uri, Source(uri=uri, text=text, label=None, encoding=encoding))
    table = _table(client, model)
    with (
        late_progress(lambda: f"{counts.answered:,} messages answered"),
        table_file(out, table.columns) as writer,
    ):
        for batch in answer(rows, lambda texts: client.predict(model, texts), table, counts):
            writer.write(batch)
        counts.require_answers(uri, text)
    return counts


def print_counts(counts: "AnswerCounts", out: Path, as_json: bool) -> None:
    """Print the number of answers, and on standard error the rows that were left out."""
    for line in filter(None, (*counts.notes, counts.left_out_sentence(), counts.truncated_sentence())):
        typer.echo(line, err=True)
    if as_json:
        versions = sorted(counts.versions)
        typer.echo(json.dumps({**asdict(counts), "versions": versions, "read": counts.read, "out": str(out)}))
    else:
        typer.echo(f"{counts.answered:,} answers in {out}")


def _table(client: Client, model: str) -> "AnswerTable":
    from pipelines.exporting.batch_answers import AnswerTable

    separators = {served.model: served.separator for served in client.models()}
    return AnswerTable(_masking(model), separators.get(model))


def _masking(model: str) -> Callable[[str], str]:
    """The masking of a model's texts: by its declaration, if it is declared here."""
    from functools import partial

    from pipelines.catalog.catalog_file import load
    from pipelines.ingestion.text import normalise
    from pipelines.masking.mask import mask

    spec = load(Settings().catalog_file).get(model)
    masking = partial(mask, rules=spec.source.masking) if spec else mask
    return lambda text: masking(normalise(text))
