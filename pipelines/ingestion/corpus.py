"""From a declared source and feedback to a corpus: masked, split and written as two snapshots."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion import quarantine, snapshot
from pipelines.ingestion.corpus_columns import corpus_columns, example_columns, optional_columns, with_origin
from pipelines.ingestion.cutting import cut_note
from pipelines.ingestion.feedback_examples import feedback_examples
from pipelines.ingestion.fingerprint import fingerprint
from pipelines.ingestion.joining import BrokenLabels
from pipelines.ingestion.leakage_filter import FEEDBACK, without_leaks
from pipelines.ingestion.message_columns import column
from pipelines.ingestion.reading import gather
from pipelines.ingestion.records import Record
from pipelines.ingestion.row_examples import examples_of
from pipelines.ingestion.row_report import (
    CONFLICTING,
    DUPLICATE,
    RowReport,
    RowsLost,
    left_out_counts,
    require_rows,
)
from pipelines.ingestion.rows import UnusableSource
from pipelines.ingestion.snapshot import Snapshot
from pipelines.ingestion.splits import Splits, split_source, unmasked_records
from pipelines.masking.identity import secret_key
from pipelines.store.labelled_feedback import LabelledText

if TYPE_CHECKING:
    from pipelines.workspace.workspace import Workspace

__all__ = ["BrokenLabels", "Corpus", "RowReport", "UnusableSource"]
__all__ += ["fingerprint", "ingest", "optional_columns", "replay_traffic", "unlabelled"]


@dataclass(frozen=True)
class Corpus:
    """The train and the test snapshot, and the report on every row of their ingestion."""

    train: Snapshot
    test: Snapshot
    report: RowReport


def ingest(spec: ModelSpec, workspace: "Workspace", feedback: Iterable[LabelledText] = ()) -> Corpus:
    """Read, mask, split and store a declared source; the same source and feedback give the same two digests."""
    splits = split_source(spec, _key(workspace) if spec.source.customer else b"")
    from_feedback = feedback_examples(feedback, splits, spec)
    learnable = pa.concat_tables([with_origin(splits.train), example_columns(from_feedback.examples)])
    filtered = without_leaks(learnable, column(splits.test, "text"))
    quarantined = (*splits.quarantined, *from_feedback.quarantined)
    report = RowReport(
        splits.read + from_feedback.read,
        len(filtered.messages),
        len(splits.test),
        len(splits.traffic),
        left_out_counts(splits.left_out, from_feedback.left_out, filtered.counts),
        examples_of(quarantined) | filtered.examples,
        [*splits.notes, *_poor_column(splits), *_cut(splits, spec.source)],
        quarantine.write(quarantined, workspace.files.quarantine(spec.name)),
        filtered.messages["origin"].to_pylist().count(FEEDBACK),
    )
    _require_both(report, spec)
    require_rows(report, spec.source.uri, spec.source.accept_loss)
    folder = workspace.files.snapshots(spec.name)
    learnt, held_out = (
        snapshot.write(corpus_columns(rows, spec.source), folder)
        for rows in (filtered.messages, with_origin(splits.test))
    )
    return Corpus(learnt, held_out, report)


def _key(workspace: "Workspace") -> bytes:
    return secret_key(workspace.home, lambda: workspace.store.needs_key())


def replay_traffic(spec: ModelSpec) -> list[Record]:
    """The traffic split with its human labels, to be replayed as requests: unmasked, in memory only."""
    return sorted(unmasked_records(split_source(spec, with_originals=True).traffic), key=lambda record: record.line)


def unlabelled(uri: str, source: Source, workspace: "Workspace") -> Snapshot:
    """Messages without labels, masked and distinct, as a snapshot of `key, text`."""
    reading = gather(uri, source.model_copy(update={"label": None}))
    distinct = without_leaks(with_origin(reading.messages), pa.array([], pa.large_string())).messages
    quarantine.write(reading.quarantined, workspace.files.quarantine("messages"))
    return snapshot.write(distinct.select(["key", "text"]), workspace.files.snapshots("messages"))


def _cut(splits: Splits, source: Source) -> list[str]:
    texts = sum(part["cut"].to_pylist().count(True) for part in (splits.train, splits.test))
    return [cut_note(texts, source.max_characters)] if texts else []


def _require_both(report: RowReport, spec: ModelSpec) -> None:
    if not report.train or not report.test:
        raise RowsLost(
            f"{spec.source.uri}: found {report.train} texts to learn from and {report.test} held out by their hash; "
            f"expected some hundreds of different texts with the labels {spec.target.expected}",
            report,
        )


def _poor_column(splits: Splits) -> list[str]:
    """A sentence if most rows share their text with others: a column of subject lines, not of messages."""
    repeated = splits.left_out[DUPLICATE] + splits.left_out[CONFLICTING]
    texts = len(splits.train) + len(splits.test) + len(splits.traffic)
    if repeated <= texts:
        return []
    return [
        f"most rows repeat a text of another row ({repeated:,} repeat one of {texts:,} different texts): "
        "a subject line or a category is a poor text column; name the column of the whole message with --text"
    ]
