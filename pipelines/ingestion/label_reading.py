"""Label cells of one pass over a source: the declared label of each, and counts of all others."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from pipelines.catalog.spec import Source
from pipelines.ingestion.label_cells import is_missing
from pipelines.ingestion.quarantine import excerpt
from pipelines.ingestion.records import Record
from pipelines.ingestion.row_report import SEVERAL_LABELS, UNLABELLED
from pipelines.ingestion.rows import UNKNOWN_LABEL, Rejected
from pipelines.kinds.target import Target, Written


class LabelReader:
    """Reads the label cells of one pass, and counts spellings and labels that are not declared."""

    def __init__(self, source: Source, target: Target | None) -> None:
        self._source, self._target = source, target
        self._cells: dict[Written, str | None] = {}
        self._rows: Counter[Written] = Counter()

    def validate(self, row: Record | Rejected) -> Record | Rejected:
        """The row with its cell, or the reason why it is left out."""
        if isinstance(row, Rejected) or self._target is None:
            return row
        cell = self._cell(row.label)
        if cell is not None:
            return row if cell == row.label else replace(row, label=cell)
        return Rejected(row.line, self._reason(row.label), row.text)

    def _cell(self, written: Written) -> str | None:
        self._rows[written] += 1
        if written not in self._cells:
            self._cells[written] = self._target.read(written) if self._target else None
        return self._cells[written]

    def _reason(self, written: Written) -> str:
        if is_missing(written, self._source.missing_labels):
            return UNLABELLED
        return SEVERAL_LABELS if isinstance(written, tuple) else UNKNOWN_LABEL

    def notes(self) -> list[str]:
        """Sentences about spellings that were read as a declared label, and about labels that are not declared."""
        names = self._target.names if self._target else ()
        merged = {
            written: rows
            for written, rows in self._rows.items()
            if isinstance(written, str) and written != self._cells[written] and self._cells[written] in names
        }
        unknown = {
            written: rows
            for written, rows in self._rows.items()
            if isinstance(written, str) and self._cells[written] is None and self._reason(written) == UNKNOWN_LABEL
        }
        sentences = [
            f"{label_with_rows(written, merged)} read as the label {self._cells[written]!r}" for written in merged
        ]
        return [*sentences[:20], *([_undeclared(unknown)] if unknown else [])]


def _undeclared(unknown: dict[str, int]) -> str:
    first = sorted(unknown, key=lambda label: (-unknown[label], label))[:5]
    more = f" and {len(unknown) - len(first)} more" if len(unknown) > len(first) else ""
    return f"labels that are not declared: {', '.join(label_with_rows(label, unknown) for label in first)}{more}"


def label_with_rows(label: str, rows: Mapping[str, int]) -> str:
    """A label with its rows, masked: a column of labels may be a column of messages."""
    number = "1 row" if rows[label] == 1 else f"{rows[label]:,} rows"
    return f"{quote([visible(label)])} ({number})"


def visible(label: str) -> str:
    """A label in which zero-width characters and combining marks are written as escapes: twins look different."""
    hidden = ("Cf", "Mn", "Cc")
    return "".join(f"<U+{ord(char):04X}>" if unicodedata.category(char) in hidden else char for char in label)


def quote(names: Iterable[str]) -> str:
    """Quoted and masked: the header of a file without one is a customer's message, and a label may be one too."""
    return ", ".join(repr(excerpt(name)[:60]) for name in names) or "none"
