"""The command that makes a declaration: add."""

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from flows.commands.report import Json
from pipelines.runtime.settings import Settings

if TYPE_CHECKING:
    from pipelines.catalog.spec import Source
    from pipelines.kinds.declaring import Written


def add(
    name: Annotated[str, typer.Argument(help="Name of the model: lowercase letters, digits and dashes.")],
    data: Annotated[str, typer.Option(help="CSV, JSONL or Parquet file, s3://bucket/key, or hf://owner/name.")],
    text: Annotated[str, typer.Option(help="The column that holds the message.")] = "text",
    label: Annotated[str | None, typer.Option(help="The column that holds its label; without it, label.")] = None,
    separator: Annotated[
        str | None, typer.Option(help="Between the labels of one message, where it may have several, such as ';'.")
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(help="Comma-separated columns with 1 or 0 for each label, where a message may have several."),
    ] = None,
    language: Annotated[str | None, typer.Option(help="Two letters; found from the messages without it.")] = None,
    as_json: Json = False,
) -> None:
    """Declare a model of your own from a labelled file. Then: needloop train NAME."""
    from pipelines.catalog.spec import Source
    from pipelines.kinds.declaring import Written
    from pipelines.kinds.known import find
    from pipelines.onboarding.scaffold import declare, write

    workspace = Settings().activate().workspace
    uri = data if ":" in data else str(Path(data).expanduser().absolute())
    named = tuple(filter(None, map(str.strip, (columns or "").split(","))))
    written = Written(separator, named)
    _agree(written, label, columns)
    source = Source(uri=uri, text=text, label=None if named else label or "label")
    told = _languages(source)
    chosen = language or (told.most_common(1)[0][0] if told else "en")
    spec = declare(name, source, chosen, workspace, told[chosen] / (told.total() or 1), written)
    write(spec, workspace.catalog_file)
    if as_json:
        typer.echo(spec.model_dump_json(indent=1))
        return
    gate = f"floors: {find(spec.kind).declaring.told(spec.gate)}"
    out = Console(highlight=False).print
    out(f"declared [bold]{name}[/bold] in {workspace.catalog_file}: {len(spec.target.names)} labels, {gate}")
    out(f"next: needloop train {name}")


def _agree(written: "Written", label: str | None, columns: str | None) -> None:
    """Raises NotDeclarable where options say nothing, or different things."""
    from pipelines.kinds.declaring import NotDeclarable

    if written.separator == "" or (columns is not None and not written.columns):
        raise NotDeclarable("--separator and --columns may not be empty: leave them out where a message has one label")
    if written.columns and (label or written.separator):
        other = "--label" if label else "--separator"
        raise NotDeclarable(f"--columns and {other} say different things: give one of them")


def _languages(source: "Source") -> Counter[str]:
    """How many of the first messages read as which language; those that cannot be told are left out."""
    from pipelines.ingestion.language import language
    from pipelines.ingestion.records import Record, read

    texts = (one.text for one in read(source.uri, source) if isinstance(one, Record))
    return Counter(filter(None, map(language, islice(texts, 300))))


COMMANDS = (add,)
