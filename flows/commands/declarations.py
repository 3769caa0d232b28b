"""The work of the command add: declare, update or rename a model, and print what was declared."""

import json
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.catalog.spec import Source
    from pipelines.kinds.declaring import LabelFormat
    from pipelines.onboarding.scaffold import NewModel


def rename_model(old: str, new: str, settings: Settings, as_json: bool) -> None:
    """Rename a declaration for which nothing is stored yet."""
    from pipelines.onboarding.removal import rename

    file = rename(old, new, settings.workspace)
    typer.echo(json.dumps({"renamed": old, "name": new}) if as_json else f"{old} is declared as {new} in {file}")


def update_model(name: str, uri: str | None, min_rows: int, settings: Settings, as_json: bool) -> None:
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
    print_model(model, settings, as_json)


def print_model(model: "NewModel", settings: Settings, as_json: bool) -> None:
    """Print what became of the rows, the declaration, and the next command."""
    from flows.commands.row_table import print_rows

    if as_json:
        document = model.spec.model_dump(mode="json") | {"rows": model.rows.document(), "notes": list(model.notes)}
        typer.echo(json.dumps(document, indent=1, ensure_ascii=False))
        return
    print_rows(model.rows, model.notes)
    _print_next(model, settings)


def new_model(
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


def _languages(source: "Source") -> Counter[str]:
    """The number of messages per detected language, over the first 300; undetected ones are left out."""
    from pipelines.ingestion.language import language
    from pipelines.ingestion.records import Record, read

    texts = (record.text for record in read(source.uri, source) if isinstance(record, Record))
    return Counter(filter(None, map(language, islice(texts, 300))))
