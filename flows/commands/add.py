"""The command that declares a model from a labelled file: add."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.report import Json
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.kinds.declaring import LabelFormat


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
    rename: Annotated[
        str | None, typer.Option(help="Give the declared model of this name the new NAME; nothing is read.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Declare a model from a labelled file. Next: needloop train NAME."""
    from flows.commands.declarations import new_model, print_model, rename_model, update_model
    from flows.commands.row_table import rows_of_errors
    from pipelines.catalog.names import require_name
    from pipelines.catalog.spec import Source
    from pipelines.ingestion.sources import address
    from pipelines.kinds.declaring import LabelFormat, NotDeclarable
    from pipelines.onboarding.scaffold import write

    require_name(name)
    settings = Settings().activate()
    if rename:
        rename_model(rename, name, settings, as_json)
        return
    if update:
        update_model(name, data and address(data), drop_rare or 1, settings, as_json)
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
        model = new_model(name, source, language, settings, label_format, base)
        write(model.spec, settings.workspace.catalog_file)
    print_model(model, settings, as_json)


def _require_consistent(label_format: "LabelFormat", label: str | None, columns: str | None) -> None:
    """Raises NotDeclarable if --separator or --columns is empty, or if options exclude each other."""
    from pipelines.kinds.declaring import NotDeclarable

    if label_format.separator == "" or (columns is not None and not label_format.columns):
        raise NotDeclarable("--separator and --columns may not be empty: leave them out if each message has one label")
    if label_format.columns and (label or label_format.separator):
        other = "--label" if label else "--separator"
        raise NotDeclarable(f"--columns and {other} exclude each other: give only one of them")


COMMANDS = (add,)
