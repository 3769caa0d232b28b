"""From a declared source and feedback to a corpus: masked, split and written as two snapshots."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion import quarantine, snapshot
from pipelines.ingestion.cutting import cut_note
from pipelines.ingestion.feedback_examples import feedback_examples
from pipelines.ingestion.fingerprint import fingerprint
from pipelines.ingestion.joining import BrokenLabels
from pipelines.ingestion.leakage_filter import FEEDBACK, Example, remove_leaks
from pipelines.ingestion.masked_examples import masked_examples
from pipelines.ingestion.reading import gather
from pipelines.ingestion.records import Record
from pipelines.ingestion.row_report import (
    CONFLICTING,
    DUPLICATE,
    RowReport,
    RowsLost,
    examples_of,
    left_out_counts,
    require_rows,
)
from pipelines.ingestion.rows import UnusableSource
from pipelines.ingestion.snapshot import Snapshot
from pipelines.ingestion.splits import Splits, in_validation, split_source
from pipelines.masking.identity import secret_key
from pipelines.store.labelled_feedback import LabelledText

if TYPE_CHECKING:
    from pipelines.workspace.workspace import Workspace

__all__ = ["BrokenLabels", "Corpus", "RowReport", "UnusableSource"]
__all__ += ["fingerprint", "ingest", "replay_traffic", "unlabelled"]


@dataclass(frozen=True)
class Corpus:
    """The train and the test snapshot, and the report on every row of their ingestion."""

    train: Snapshot
    test: Snapshot
    report: RowReport


def ingest(spec: ModelSpec, workspace: "Workspace", feedback: Iterable[LabelledText] = ()) -> Corpus:
    """Read, mask, split and store a declared source; the same source and feedback give the same two digests."""
    splits = split_source(spec)
    from_feedback = feedback_examples(feedback, splits, spec)
    key = _key(workspace) if spec.source.customer else b""
    test, train = (
        masked_examples(part, spec.source, spec.recipe.truncation, key) for part in (splits.test, splits.train)
    )
    filtered = remove_leaks([*train.examples, *from_feedback.examples], [example.text for example in test.examples])
    quarantined = (*splits.quarantined, *from_feedback.quarantined)
    report = RowReport(
        splits.read + from_feedback.read,
        len(filtered.train),
        len(test.examples),
        len(splits.traffic),
        left_out_counts(splits.left_out, from_feedback.left_out, filtered.counts),
        examples_of(quarantined),
        [*splits.notes, *_poor_column(splits), *_cut(test.cut + train.cut, spec.source)],
        quarantine.write(quarantined, workspace.files.quarantine(spec.name)),
        sum(example.origin == FEEDBACK for example in filtered.train),
    )
    _require_both(report, spec)
    require_rows(report, spec.source.uri, spec.source.accept_loss)
    folder = workspace.files.snapshots(spec.name)
    learnt, held_out = (
        snapshot.write(_frame(examples, spec.source), folder) for examples in (filtered.train, test.examples)
    )
    return Corpus(learnt, held_out, report)


def _key(workspace: "Workspace") -> bytes:
    return secret_key(workspace.home, lambda: workspace.store.needs_key())


def replay_traffic(spec: ModelSpec) -> list[Record]:
    """The traffic split with its human labels, to be replayed as requests: unmasked, in memory only."""
    return sorted(split_source(spec).traffic.values(), key=lambda record: record.line)


def unlabelled(uri: str, source: Source, workspace: "Workspace") -> Snapshot:
    """Messages without labels, masked and distinct, as a snapshot of `key, text`."""
    reading = gather(uri, source.model_copy(update={"label": None}))
    distinct = remove_leaks(masked_examples(reading.messages, source).examples, test=()).train
    quarantine.write(reading.quarantined, workspace.files.quarantine("messages"))
    frame = _frame(distinct, source)[["key", "text"]]
    return snapshot.write(frame, workspace.files.snapshots("messages"))


def _cut(texts: int, source: Source) -> list[str]:
    return [cut_note(texts, source.max_characters)] if texts else []


def _frame(examples: Sequence[Example], source: Source) -> pd.DataFrame:
    """One row per example, typed even if empty; channel and customer only if they are declared."""
    columns = {
        "key": pd.array([example.key for example in examples], dtype="str"),
        "text": pd.array([example.text for example in examples], dtype="str"),
        "label": pd.array([example.label for example in examples], dtype="str"),
        "validation": pd.array([in_validation(example.key) for example in examples], dtype="bool"),
        "origin": pd.array([example.origin for example in examples], dtype="str"),
        "weight": pd.array([example.weight for example in examples], dtype="float64"),
    }
    optional = {
        name: pd.array([getattr(example, name) for example in examples], dtype="str")
        for name in optional_columns(source)
    }
    return pd.DataFrame(columns | optional)


def optional_columns(source: Source) -> list[str]:
    """The columns of a corpus that depend on the declaration of its source."""
    return [name for name in ("channel", "customer") if getattr(source, name)]


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
