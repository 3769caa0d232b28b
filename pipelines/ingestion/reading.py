"""One pass over a whole source: its distinct messages by identity, and counts of all rows that are left out."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipelines.catalog.spec import Source
from pipelines.ingestion import records, sources
from pipelines.ingestion.label_cells import is_missing
from pipelines.ingestion.quarantine import Entry, entry, excerpt
from pipelines.ingestion.records import Note, Record
from pipelines.ingestion.row_report import (
    CONFLICTING,
    DUPLICATE,
    SEVERAL_LABELS,
    UNLABELLED,
    RowReport,
    RowsLost,
    examples_of,
    left_out_counts,
)
from pipelines.ingestion.rows import NOT_A_MESSAGE, UNKNOWN_LABEL, Rejected
from pipelines.ingestion.text import digest, normalise
from pipelines.kinds.target import Target, Written

Messages = dict[str, Record]  # by the digest of their normalised, unmasked text
COUNTED_ONLY = (NOT_A_MESSAGE, UNLABELLED)  # not in the quarantine: nothing is wrong with these rows


@dataclass(frozen=True)
class Reading:
    """Messages, quarantined rows, the number of rows, those left out by reason, and notes about the source."""

    messages: Messages
    quarantined: tuple[Entry, ...]
    read: int
    left_out: Counter[str]
    notes: tuple[str, ...]


def gather(uri: str, source: Source, target: Target | None = None) -> Reading:
    """Every usable message of `uri`; without a `target` no label is required. Raises UnusableSource."""
    read, left_out, notes = 0, Counter[str](), list[str]()
    by_digest: defaultdict[str, list[Record]] = defaultdict(list)
    rejected: list[Entry] = []
    labels = LabelReader(source, target)
    for row in records.read(uri, source, target):
        if isinstance(row, Note):
            notes.append(row.text)
            continue
        read += 1
        item = labels.validate(row)
        if isinstance(item, Record):
            by_digest[digest(item.text)].append(item)
            continue
        left_out[item.reason] += 1
        if item.reason not in COUNTED_ONLY:
            rejected.append(entry(uri, item, source.masking))
    if not by_digest:
        message = _explain_unusable(uri, source, target, read, left_out)
        raise RowsLost(message, RowReport(read, 0, 0, 0, left_out_counts(left_out), examples_of(rejected), notes))
    messages: Messages = {}
    for key, copies in by_digest.items():
        winner, others = merge(copies)
        left_out[DUPLICATE] += len(copies) - len(others) - (winner is not None)
        left_out[CONFLICTING] += len(others)
        rejected += (conflict(uri, other, source) for other in others)
        if winner:
            messages[key] = winner
    return Reading(messages, tuple(rejected), read, left_out, (*notes, *labels.notes()))


class LabelReader:
    """Reads the label cells of one pass, and counts spellings and labels that are not declared."""

    def __init__(self, source: Source, target: Target | None) -> None:
        self._source, self._target = source, target
        self._cells: dict[Written, str | None] = {}
        self._rows: Counter[Written] = Counter()

    def validate(self, row: Record | Rejected) -> Record | Rejected:
        """The row with its normalised text and its cell, or the reason why it is left out."""
        if isinstance(row, Rejected) or self._target is None:
            return replace(row, text=normalise(row.text)) if isinstance(row, Record) else row
        cell = self._cell(row.label)
        if cell is not None:
            return replace(row, text=normalise(row.text), label=cell)
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


def merge(copies: Sequence[Record]) -> tuple[Record | None, list[Record]]:
    """One record of a text whatever the order of rows, with the majority label; None for a tie.

    Also returns the records that contradict it: those of other labels, all of them for a tie.
    """
    rows = sorted(copies, key=lambda record: (record.text, record.line))
    (label, count), *others = Counter(record.label for record in rows).most_common(2)
    if others and others[0][1] == count:
        return None, rows
    return next(record for record in rows if record.label == label), [row for row in rows if row.label != label]


def conflict(uri: str, record: Record, source: Source) -> Entry:
    """The quarantine entry of a record whose text has another label elsewhere."""
    text = f"{record.text} [{record.label}]"
    return entry(uri, Rejected(record.line, CONFLICTING, text), source.masking)


def _explain_unusable(uri: str, source: Source, target: Target | None, read: int, left_out: Counter[str]) -> str:
    """The row counts and columns of an unusable source, and the expected ones."""
    reasons = [f"{number} {reason}" for reason, number in left_out.most_common()]
    columns = " and ".join(repr(name) for name in records.required_columns(source, target))
    labels = f" with the labels {target.expected}" if target else ""
    strange = _unknown_labels(uri, source, target, left_out)
    return (
        f"{uri}: found {read} rows, of which {', '.join(reasons) or 'none is usable'}; "
        f"found columns {quote(sources.columns(uri, source.encoding))}{strange}; expected {columns}{labels}"
    )


def _unknown_labels(uri: str, source: Source, target: Target | None, left_out: Counter[str]) -> str:
    if not left_out[UNKNOWN_LABEL]:
        return ""
    labels = {str(row.label) for row in records.read(uri, source, target) if isinstance(row, Record)}
    return f" and labels {quote(sorted(labels)[:5])}"


def quote(names: Iterable[str]) -> str:
    """Quoted and masked: the header of a file without one is a customer's message, and a label may be one too."""
    return ", ".join(repr(excerpt(name)[:60]) for name in names) or "none"
