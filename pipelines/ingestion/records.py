"""Messages as they stand in a source, judged one by one: a record, or the reason why it is none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipelines.catalog.spec import Source
from pipelines.ingestion import sources
from pipelines.ingestion.rows import (
    DUPLICATE_ID,
    EMPTY_TEXT,
    ENCODING,
    LONGEST,
    MALFORMED,
    MISSING_COLUMN,
    NO_CONFIDENCE,
    NOT_A_MESSAGE,
    TOO_LONG,
    Rejected,
    Row,
)
from pipelines.ingestion.text import normalise
from pipelines.kinds.target import Target

__all__ = ["Record", "Rejected", "read"]

# Surrogates stand for undecodable bytes; a NUL says that the text was UTF-16.
_UNDECODED = re.compile("[\ud800-\udfff\x00]")


@dataclass(frozen=True)
class Record:
    """One message as it was written, unmasked: held in memory, never written."""

    line: int
    text: str
    label: str | None
    id: str | None = None
    weight: float = 1.0
    channel: str | None = None
    customer: str | None = None


def read(uri: str, source: Source, target: Target | None = None) -> Iterator[Record | Rejected]:
    """Every row of `uri` under the columns of `source` and of a `target`; the first of two rows with one id is kept."""
    seen: set[str] = set()
    for row in sources.rows(uri, wanted(source, target)):
        record = row if isinstance(row, Rejected) else _judged(row, source, target, log=uri.startswith(sources.LOG))
        if isinstance(record, Record) and record.id is not None:
            known = len(seen)
            seen.add(record.id)
            if len(seen) == known:
                record = Rejected(record.line, DUPLICATE_ID, record.text)
        yield record


def wanted(source: Source, target: Target | None = None) -> list[str]:
    """The columns that a source must have."""
    named = (source.text, source.label, source.id, source.confidence, source.channel, source.customer)
    return [*(column for column in named if column), *(target.columns if target else ())]


def _judged(row: Row, source: Source, target: Target | None, *, log: bool) -> Record | Rejected:
    if log and source.text not in row.values:
        return Rejected(row.line, NOT_A_MESSAGE, "")
    text = _written(row.values.get(source.text, ""))
    if any(column not in row.values for column in wanted(source, target)):
        return Rejected(row.line, MISSING_COLUMN, text or "")
    if text is None:
        return Rejected(row.line, MALFORMED, str(row.values[source.text]))
    if reason := _fault(text):
        return Rejected(row.line, reason, text)
    weight = _share(_short(row, source.confidence))
    if weight is None:
        return Rejected(row.line, NO_CONFIDENCE, text)
    about = {name: _short(row, getattr(source, name)) or None for name in ("id", "channel", "customer")}
    label = target.gathered(row.values) if target and target.columns else _short(row, source.label)
    return Record(row.line, text, label, weight=weight, **about)


def _share(written: str | None) -> float | None:
    """A number over 0 up to 1; 1 where nothing is written, and none where something else is."""
    if written in (None, "", "nan"):
        return 1.0
    try:
        return share if 0 < (share := float(written)) <= 1 else None
    except ValueError:
        return None


def _fault(text: str) -> str | None:
    """Why a text cannot be used; length first, because the rest would read all of it."""
    if len(text) > LONGEST:
        return TOO_LONG
    if _UNDECODED.search(text):
        return ENCODING
    return None if normalise(text) else EMPTY_TEXT


def _written(value: Any) -> str | None:
    """The text of a cell; nothing is an empty text, and a list or an object is none."""
    if value is None or value != value:  # NaN, as pandas writes an empty cell
        return ""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _short(row: Row, column: str | None) -> str | None:
    value = row.values[column] if column else None
    return None if value is None else str(value).strip()
