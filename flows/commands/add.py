"""The command that declares a model from a labelled file: add."""

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from flows.commands.report import Json
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.catalog.spec import Source
    from pipelines.kinds.declaring import LabelFormat


def add(
    name: Annotated[str, typer.Argument(help="Name of the model: lowercase letters, digits and dashes.")],
    data: Annotated[str, typer.Option(help="CSV, JSONL or Parquet file, s3://bucket/key, or hf://owner/name.")],
    text: Annotated[str, typer.Option(help="The column that holds the message.")] = "text",
    label: Annotated[str | None, typer.Option(help="The column that holds the label; without it, `label`.")] = None,
    separator: Annotated[str | None, typer.Option(help="Separator of several labels in one cell, such as ';'.")] = None,
    columns: Annotated[
        str | None,
        typer.Option(help="Comma-separated names of columns that hold 1 or 0, one column for each of several labels."),
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Language code of two letters; without it, detected from the messages.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Declare a model from a labelled file. Next: needloop train NAME."""
    from pipelines.catalog.spec import Source
    from pipelines.kinds.declaring import LabelFormat
    from pipelines.kinds.known import find_kind
    from pipelines.onboarding.scaffold import declare, write

    workspace = Settings().activate().workspace
    uri = data if ":" in data else str(Path(data).expanduser().absolute())
    named = tuple(filter(None, map(str.strip, (columns or "").split(","))))
    label_format = LabelFormat(separator, named)
    _require_consistent(label_format, label, columns)
    source = Source(uri=uri, text=text, label=None if named else label or "label")
    counts = _languages(source)
    chosen = language or (counts.most_common(1)[0][0] if counts else "en")
    spec = declare(name, source, chosen, workspace, counts[chosen] / (counts.total() or 1), label_format)
    write(spec, workspace.catalog_file)
    if as_json:
        typer.echo(spec.model_dump_json(indent=1))
        return
    gate = f"floors: {find_kind(spec.kind).declaring.describe(spec.gate)}"
    out = Console(highlight=False).print
    out(f"declared [bold]{name}[/bold] in {workspace.catalog_file}: {len(spec.target.names)} labels, {gate}")
    out(f"next: needloop train {name}")


def _require_consistent(label_format: "LabelFormat", label: str | None, columns: str | None) -> None:
    """Raises NotDeclarable if --separator or --columns is empty, or if options exclude each other."""
    from pipelines.kinds.declaring import NotDeclarable

    if label_format.separator == "" or (columns is not None and not label_format.columns):
        raise NotDeclarable("--separator and --columns may not be empty: leave them out if each message has one label")
    if label_format.columns and (label or label_format.separator):
        other = "--label" if label else "--separator"
        raise NotDeclarable(f"--columns and {other} exclude each other: give only one of them")


def _languages(source: "Source") -> Counter[str]:
    """The number of messages per detected language, over the first 300; undetected ones are left out."""
    from pipelines.ingestion.language import language
    from pipelines.ingestion.records import Record, read

    texts = (record.text for record in read(source.uri, source) if isinstance(record, Record))
    return Counter(filter(None, map(language, islice(texts, 300))))


COMMANDS = (add,)
