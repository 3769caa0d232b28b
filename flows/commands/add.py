"""The command that declares a model from a labelled file: add."""

import json
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from flows.commands.report import Json
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.catalog.spec import Source
    from pipelines.kinds.declaring import LabelFormat
    from pipelines.onboarding.scaffold import NewModel


def add(
    name: Annotated[str, typer.Argument(help="Name of the model: lowercase letters, digits and dashes.")],
    data: Annotated[
        str | None, typer.Option(help="A file of messages (CSV, Excel, JSON, Parquet ...), s3://, or hf://.")
    ] = None,
    text: Annotated[str, typer.Option(help="The column that holds the message; `data.text` is a nested one.")] = "text",
    label: Annotated[str | None, typer.Option(help="The column that holds the label; without it, `label`.")] = None,
    separator: Annotated[str | None, typer.Option(help="Separator of several labels in one cell, such as ';'.")] = None,
    columns: Annotated[
        str | None,
        typer.Option(help="Comma-separated names of columns that hold 1 or 0, one column for each of several labels."),
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Language code of two letters; without it, detected from the messages.")
    ] = None,
    base: Annotated[
        str, typer.Option(help="The encoder: `minilm` (English), a folder, or a hub's owner/name.")
    ] = "minilm",
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of the file, such as cp1252; without it, detected.")
    ] = None,
    missing_label: Annotated[
        list[str] | None, typer.Option(help="A value of the label column that means no label, such as -1; repeatable.")
    ] = None,
    drop_rare: Annotated[
        int | None, typer.Option(min=2, help="Leave out labels of fewer rows than this, by name.")
    ] = None,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Declare the model though more than half of the rows are lost.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Read the declared file again and declare the labels that it has gained.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Declare a model from a labelled file. Next: needloop train NAME."""
    from flows.commands.row_table import rows_of_errors
    from pipelines.catalog.names import require_name
    from pipelines.catalog.spec import Source
    from pipelines.ingestion.sources import address
    from pipelines.kinds.declaring import LabelFormat, NotDeclarable
    from pipelines.onboarding.scaffold import write

    require_name(name)
    settings = Settings().activate()
    if update:
        _update(name, data and address(data), drop_rare or 1, settings, as_json)
        return
    if data is None:
        raise NotDeclarable("--data FILE names the file of messages; only --update reads the declared one again")
    named = tuple(filter(None, map(str.strip, (columns or "").split(","))))
    label_format = LabelFormat(separator, named, drop_rare or 1)
    _require_consistent(label_format, label, columns)
    source = Source(
        uri=address(data),
        text=text,
        label=None if named else label or "label",
        encoding=encoding,
        missing_labels=tuple(missing_label or ()),
        accept_loss=accept_loss,
    )
    with rows_of_errors(as_json):
        model = _declared(name, source, language, settings, label_format, base)
        write(model.spec, settings.workspace.catalog_file)
    _print(model, settings, as_json)


def _update(name: str, uri: str | None, min_rows: int, settings: Settings, as_json: bool) -> None:
    """Declare the labels that a model's file has gained; with `uri`, it is read from now on."""
    from flows.commands.row_table import rows_of_errors
    from pipelines.catalog.catalog_file import find, load
    from pipelines.onboarding.updating import update, write_update
    from pipelines.runtime.progress import step

    spec = find(name, load(settings.catalog_file))
    source = spec.source.model_copy(update={"uri": uri}) if uri else spec.source
    with rows_of_errors(as_json), step(f"reading {source.uri}"):
        model = update(spec.model_copy(update={"source": source}), settings.workspace, min_rows)
        write_update(model.spec, settings.workspace.catalog_file)
    _print(model, settings, as_json)


def _print(model: "NewModel", settings: Settings, as_json: bool) -> None:
    from flows.commands.row_table import print_rows

    if as_json:
        document = model.spec.model_dump(mode="json") | {"rows": model.rows.document(), "notes": list(model.notes)}
        typer.echo(json.dumps(document, indent=1, ensure_ascii=False))
        return
    print_rows(model.rows, model.notes)
    _print_next(model, settings)


def _declared(
    name: str, source: "Source", language: str | None, settings: Settings, label_format: "LabelFormat", base: str
) -> "NewModel":
    """The declaration, its language detected unless it is given; a name that is taken is refused before all reading."""
    from pipelines.onboarding.scaffold import declare, require_free
    from pipelines.runtime.progress import step

    require_free(name, settings.workspace.catalog_file)
    with step(f"reading {source.uri}"):
        counts = _languages(source)
        chosen = language or (counts.most_common(1)[0][0] if counts else "en")
        share = counts[chosen] / (counts.total() or 1)
        return declare(name, source, chosen, settings.workspace, share, label_format, base)


def _print_next(model: "NewModel", settings: Settings) -> None:
    from pipelines.kinds.known import find_kind

    spec, out = model.spec, Console(highlight=False).print
    gate = f"floors: {find_kind(spec.kind).declaring.describe(spec.gate)}"
    out(f"declared [bold]{spec.name}[/bold] in {settings.workspace.catalog_file}: ", end="")
    out(f"{len(spec.target.names)} labels, {gate}")
    out(f"next: needloop train {spec.name}")


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
