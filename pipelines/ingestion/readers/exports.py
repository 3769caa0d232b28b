"""Exports of annotation tools, recognised by the shape of their first row: their texts and labels as columns."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pipelines.ingestion.readers import argilla, doccano, label_studio
from pipelines.ingestion.rows import Note, Rejected, SourceRow

Values = Mapping[str, Any]
Item = SourceRow | Rejected | Note


@dataclass(frozen=True)
class Export:
    """One form of export: how its rows are recognised, and the rows with `text` and `label` that each becomes."""

    name: str
    recognise: Callable[[Values], bool]
    rows: Callable[[Values], Iterable[Values]]


EXPORTS = (
    Export("Label Studio (tasks with annotations)", label_studio.is_task, label_studio.task_rows),
    Export("Label Studio (one row for each annotation)", label_studio.is_flat, label_studio.flat_rows),
    Export("Argilla (records)", argilla.is_record, argilla.record_rows),
    Export("Argilla (a dataset of its records)", argilla.is_flat, argilla.flat_rows),
    Export("Argilla 1 (text classification)", argilla.is_first_version, argilla.first_version_rows),
    Export("doccano", doccano.is_document, doccano.document_rows),
)


def with_labels(items: Iterator[Item]) -> Iterator[Item]:
    """The rows of a source; those of a known export have `text` and `label` beside their own columns."""
    ahead: list[Item] = []
    for item in items:
        ahead.append(item)
        if isinstance(item, SourceRow):
            export = next((export for export in EXPORTS if export.recognise(item.values)), None)
            if export:
                yield Note(f"recognised as an export of {export.name}: it is read as columns text and label")
                yield from _rows(chain(ahead, items), export)
                return
            break
    yield from chain(ahead, items)


def _rows(items: Iterable[Item], export: Export) -> Iterator[Item]:
    for item in items:
        if isinstance(item, SourceRow) and export.recognise(item.values):
            yield from (SourceRow(item.line, values) for values in export.rows(item.values))
        else:
            yield item
