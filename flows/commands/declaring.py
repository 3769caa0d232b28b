"""The command that makes a declaration: add."""

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from flows.commands.report import Json
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.catalog import Source


def add(
    name: Annotated[str, typer.Argument(help="Name of the model: lowercase letters, digits and dashes.")],
    data: Annotated[str, typer.Option(help="CSV, JSONL or Parquet file, s3://bucket/key, or hf://owner/name.")],
    text: Annotated[str, typer.Option(help="The column that holds the message.")] = "text",
    label: Annotated[str, typer.Option(help="The column that holds its label.")] = "label",
    language: Annotated[str | None, typer.Option(help="Two letters; found from the messages without it.")] = None,
    as_json: Json = False,
) -> None:
    """Declare a model of your own from a labelled file. Then: needloop train NAME."""
    from pipelines.catalog import Source
    from pipelines.declaration import declare, write

    settings = Settings().activate()
    uri = data if ":" in data else str(Path(data).expanduser().absolute())
    source = Source(uri=uri, text=text, label=label)
    told = _languages(source)
    chosen = language or (told.most_common(1)[0][0] if told else "en")
    spec = declare(name, source, chosen, settings, told[chosen] / (told.total() or 1))
    write(spec, settings.catalog_file)
    if as_json:
        typer.echo(spec.model_dump_json(indent=1))
        return
    gate = f"floors: macro-F1 {spec.gate.macro_f1:.3f} (TF-IDF), accuracy {spec.gate.accuracy:.3f} (majority)"
    out = Console(highlight=False).print
    out(f"declared [bold]{name}[/bold] in {settings.catalog_file}: {len(spec.labels)} labels, {gate}")
    out(f"next: needloop train {name}")


def _languages(source: "Source") -> Counter[str]:
    """How many of the first messages read as which language; those that cannot be told are left out."""
    from pipelines.ingestion.language import language
    from pipelines.ingestion.records import Record, read

    texts = (one.text for one in read(source.uri, source) if isinstance(one, Record))
    return Counter(filter(None, map(language, islice(texts, 300))))


COMMANDS = (add,)
