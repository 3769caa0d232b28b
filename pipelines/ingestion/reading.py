"""One pass over a whole source: its distinct messages in columns, and counts of all rows that are left out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa

from pipelines.catalog.spec import Source
from pipelines.ingestion import records, sources
from pipelines.ingestion.label_reading import LabelReader, label_with_rows, quote
from pipelines.ingestion.masking_pool import masked_chunks
from pipelines.ingestion.message_columns import columns
from pipelines.ingestion.quarantine import EXCERPT, Entry, entry, excerpt
from pipelines.ingestion.records import Note, Record
from pipelines.ingestion.row_examples import examples_of
from pipelines.ingestion.row_report import (
    CONFLICTING,
    DUPLICATE,
    UNLABELLED,
    RowReport,
    RowsLost,
    left_out_counts,
)
from pipelines.ingestion.rows import NOT_A_MESSAGE, UNKNOWN_LABEL
from pipelines.ingestion.text_copies import Merged, merge_copies
from pipelines.ingestion.text_masking import TextMasker
from pipelines.kinds.target import Target
from pipelines.runtime.progress import late_progress

__all__ = ["Reading", "gather", "label_with_rows", "masker_of", "quote"]

COUNTED_ONLY = (NOT_A_MESSAGE, UNLABELLED)  # not in the quarantine: nothing is wrong with these rows
CHUNK = 5_000  # rows that are masked at once


@dataclass(frozen=True)
class Reading:
    """Messages in the order of their keys, quarantined rows, the number of rows, those left out, and notes."""

    messages: pa.Table
    quarantined: tuple[Entry, ...]
    read: int
    left_out: Counter[str]
    notes: tuple[str, ...]


def masker_of(source: Source, truncation: str = "head", *, with_originals: bool = False) -> TextMasker:
    """The masker that a source declares."""
    return TextMasker(source.masking, source.max_characters, truncation, with_originals)


def gather(
    uri: str, source: Source, target: Target | None = None, masker: TextMasker | None = None, key: bytes = b""
) -> Reading:
    """Every usable message of `uri`; without a `target` no label is required. Raises UnusableSource.

    With a `key`, the customers are keyed hashes.
    """
    rows = _Pass(uri, source, target)
    masked = 0
    with late_progress(lambda: f"read {rows.read:,} rows, masked {masked:,}"):
        tables = []
        for chunk, texts in masked_chunks(_batched(rows.usable()), masker or masker_of(source)):
            tables.append(columns(chunk, texts, key))
            masked += len(chunk)
    if not tables:
        raise RowsLost(_explain_unusable(rows), rows.report())
    return rows.reading(merge_copies(pa.concat_tables(tables)))


@dataclass
class _Pass:
    """The state of one pass: rows read so far, rejected ones, and notes."""

    uri: str
    source: Source
    target: Target | None
    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    rejected: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def usable(self) -> Iterator[Record]:
        """The usable rows; the others are counted, and their entries made."""
        labels = LabelReader(self.source, self.target)
        for row in records.read(self.uri, self.source, self.target):
            if isinstance(row, Note):
                self.notes.append(row.text)
                continue
            self.read += 1
            item = labels.validate(row)
            if isinstance(item, Record):
                yield item
                continue
            self.left_out[item.reason] += 1
            if item.reason not in COUNTED_ONLY:
                self.rejected.append(entry(self.uri, item, self.source.masking))
        self.notes += labels.notes()

    def reading(self, merged: Merged) -> Reading:
        """The reading with the messages of this pass."""
        usable = self.read - self.left_out.total()
        conflicting = len(merged.contradicting)
        copies = Counter({CONFLICTING: conflicting, DUPLICATE: usable - conflicting - len(merged.messages)})
        conflicts = (self._conflict(row) for row in merged.contradicting.to_pylist())
        return Reading(
            merged.messages, (*self.rejected, *conflicts), self.read, self.left_out + copies, tuple(self.notes)
        )

    def report(self) -> RowReport:
        """The report on a pass without a usable row."""
        left_out = left_out_counts(self.left_out)
        return RowReport(self.read, 0, 0, 0, left_out, examples_of(self.rejected), self.notes)

    def _conflict(self, row: dict[str, object]) -> Entry:
        text = f"{str(row['text'])[:EXCERPT]} [{excerpt(str(row['label']), self.source.masking)}]"
        return Entry(self.uri, int(str(row["line"])), CONFLICTING, str(row["key"]), text)


def _batched(rows: Iterator[Record]) -> Iterator[list[Record]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _explain_unusable(rows: _Pass) -> str:
    """The row counts and columns of an unusable source, and the expected ones."""
    reasons = [f"{number} {reason}" for reason, number in rows.left_out.most_common()]
    expected = " and ".join(repr(name) for name in records.required_columns(rows.source, rows.target))
    labels = f" with the labels {rows.target.expected}" if rows.target else ""
    return (
        f"{rows.uri}: found {rows.read} rows, of which {', '.join(reasons) or 'none is usable'}; "
        f"found columns {quote(sources.columns(rows.uri, rows.source.encoding))}{_unknown_labels(rows)}; "
        f"expected {expected}{labels}"
    )


def _unknown_labels(rows: _Pass) -> str:
    if not rows.left_out[UNKNOWN_LABEL]:
        return ""
    read = records.read(rows.uri, rows.source, rows.target)
    labels = {str(row.label) for row in read if isinstance(row, Record)}
    return f" and labels {quote(sorted(labels)[:5])}"
