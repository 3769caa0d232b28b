"""Messages of a source, validated one by one: a record, or a rejected row with its reason."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.catalog.spec import Source
from pipelines.ingestion import sources
from pipelines.ingestion.label_cells import written_label
from pipelines.ingestion.rows import (
    DUPLICATE_ID,
    EMPTY_TEXT,
    ENCODING,
    MALFORMED,
    MAX_RAW_LENGTH,
    MISSING_COLUMN,
    NO_CONFIDENCE,
    NOT_A_MESSAGE,
    TOO_LONG,
    Note,
    Rejected,
    SourceRow,
)
from pipelines.ingestion.text import normalise
from pipelines.kinds.target import Target, Written
from pipelines.masking.markup import strip_markup

__all__ = ["Note", "Record", "Rejected", "read"]

# Surrogates stand for undecodable bytes; a NUL shows that the text was UTF-16.
_UNDECODED = re.compile("[\ud800-\udfff\x00]")
_LETTER = re.compile(r"[^\W_]")
_ABSENT = object()


@dataclass(frozen=True)
class Record:
    """One message as it was written, unmasked: held in memory, never written."""

    line: int
    text: str
    label: Written
    id: str | None = None
    weight: float = 1.0
    channel: str | None = None
    customer: str | None = None


def read(uri: str, source: Source, target: Target | None = None) -> Iterator[Record | Rejected | Note]:
    """Every row of `uri` under the columns of `source` and of a `target`; a repeated id is rejected."""
    ids: set[str] = set()
    required = required_columns(source, target)
    log = uri.startswith(sources.LOG)
    for row in sources.rows(uri, required, source.encoding):
        record = _validate(row, source, target, required, log=log) if isinstance(row, SourceRow) else row
        if isinstance(record, Record) and record.id is not None:
            count = len(ids)
            ids.add(record.id)
            if len(ids) == count:
                record = Rejected(record.line, DUPLICATE_ID, record.text)
        yield record


def required_columns(source: Source, target: Target | None = None) -> list[str]:
    """The columns that a source must have."""
    declared = (source.text, source.label, source.id, source.confidence, source.channel, source.customer)
    return [*(column for column in declared if column), *(target.columns if target else ())]


def has_column(values: Mapping[str, Any], column: str) -> bool:
    """True if a row has a column of this name, or a nested value at this path: `data.text`."""
    return _value(values, column) is not _ABSENT


def _validate(
    row: SourceRow, source: Source, target: Target | None, required: list[str], *, log: bool
) -> Record | Rejected:
    values = {column: _value(row.values, column) for column in required}
    text = _cell_text(values[source.text])
    if log and values[source.text] is _ABSENT:
        return Rejected(row.line, NOT_A_MESSAGE, "")
    if _ABSENT in values.values():
        return Rejected(row.line, MISSING_COLUMN, text or "")
    if text is None:
        return Rejected(row.line, MALFORMED, str(values[source.text]))
    if reason := _fault(text):
        return Rejected(row.line, reason, text)
    weight = _share(_short(values, source.confidence))
    if weight is None:
        return Rejected(row.line, NO_CONFIDENCE, text)
    optional = {name: _short(values, getattr(source, name)) or None for name in ("id", "channel", "customer")}
    by_column = target and target.columns
    label = target.cell_of_row(values) if target and by_column else written_label(values.get(source.label or ""))
    return Record(row.line, text, label, weight=weight, **optional)


def _value(values: Mapping[str, Any], column: str) -> Any:
    """The value of a column, or at a path of names and list positions; `_ABSENT` if there is none."""
    if column in values:
        return values[column]
    value: Any = values
    for name in column.split("."):
        if isinstance(value, Mapping):
            value = value.get(name, _ABSENT)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return _ABSENT
    return value


def _share(cell: str | None) -> float | None:
    """A number over 0 up to 1; 1 for an empty cell, None for anything else."""
    if cell in (None, "", "nan"):
        return 1.0
    try:
        return share if 0 < (share := float(cell)) <= 1 else None
    except ValueError:
        return None


def _fault(text: str) -> str | None:
    """The reason why a text is unusable, or None; length first, because the other checks read all of it."""
    if len(text) > MAX_RAW_LENGTH:
        return TOO_LONG
    if _UNDECODED.search(text):
        return ENCODING
    if _LETTER.search(text) and "<" not in text and "&" not in text:
        return None  # neither a tag nor an entity, and no letter is lost by normalisation
    return None if strip_markup(normalise(text)) else EMPTY_TEXT


def _cell_text(value: Any) -> str | None:
    """The text of a cell; an empty cell is an empty text, and a list or an object is None."""
    if value is None or value is _ABSENT or value != value:  # NaN, as pandas writes an empty cell
        return ""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _short(values: Mapping[str, Any], column: str | None) -> str | None:
    value = values[column] if column else None
    return None if value is None else str(value).strip()
