"""The tables of stored rows: messages, labels, corrections, each with its columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pipelines.catalog.catalog_file import UnknownModel
from pipelines.exporting.table_file import Columns, table_file
from pipelines.kinds.target import Target
from pipelines.store.exported_rows import Batch
from pipelines.store.store import Store
from pipelines.store.votes import ANY_LABEL

Subject = Literal["messages", "labels", "corrections"]
CUSTOMER: Columns = {"customer": str}
COLUMNS: Mapping[Subject, Columns] = {
    "messages": {
        "id": str, "time": str, "version": int, "text": str, "label": str, "score": float, "abstained": bool,
    },
    "labels": {"text": str, "label": str, "time": str, "feedback": int},
    "corrections": {
        "feedback": int, "time": str, "prediction": str, "version": int, "text": str, "answer": str, "score": float,
        "label": str, "none": bool, "rating": int, "comment": str, "reviewer": bool,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Export:
    """The rows to export: of a model, from a time on, with or without the keyed hashes of customers."""

    subject: Subject
    model: str
    since: datetime | None = None
    customers: bool = False

    @property
    def columns(self) -> Columns:
        """The types by the names of the columns."""
        return {**COLUMNS[self.subject], **(CUSTOMER if self.customers else {})}


def write_export(export: Export, store: Store, target: Target | None, file: Path) -> int:
    """Write the rows into a file; returns their number. `target` is the model's declared one.

    Raises UnwritableTable; UnknownModel if nothing is declared or stored under the model's name.
    """
    if target is None and not store.answered_keys(export.model):
        raise UnknownModel(f"{export.model!r} is not declared, and nothing is stored for it; see: needloop models")
    count = 0
    with table_file(file, export.columns) as writer:
        for batch in _batches(export, store, target):
            writer.write([_row(row, export.columns) for row in batch])
            count += len(batch)
    return count


def _batches(export: Export, store: Store, target: Target | None) -> Iterator[Batch]:
    rows = store.exported_rows()
    if export.subject == "messages":
        return rows.messages(export.model, export.since)
    if export.subject == "corrections":
        return rows.corrections(export.model, export.since)
    vocabulary = store.vocabulary(export.model, target) if target else ANY_LABEL
    return rows.labels(export.model, vocabulary, export.since)


def _row(row: Mapping[str, object], columns: Columns) -> dict[str, object]:
    """The declared columns, with times in ISO 8601."""
    values = {name: row[name] for name in columns}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
