"""From a declared source and what people answered to a corpus: masked, split and written as two snapshots."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from pipelines.catalog.spec import ModelSpec, Source
from pipelines.home.workspace import Workspace
from pipelines.ingestion import quarantine, snapshot
from pipelines.ingestion.feedback_examples import answers
from pipelines.ingestion.fingerprint import fingerprint
from pipelines.ingestion.joining import BrokenLabels
from pipelines.ingestion.leakage_filter import FEEDBACK, SOURCE, Example, remove_leaks
from pipelines.ingestion.reading import Messages, gather
from pipelines.ingestion.records import Record
from pipelines.ingestion.rows import UnusableSource
from pipelines.ingestion.snapshot import Snapshot
from pipelines.ingestion.splits import pool, validates
from pipelines.masking.identity import customer_hash, secret_key
from pipelines.masking.mask import mask
from pipelines.store.labelled_feedback import LabelledText

__all__ = ["BrokenLabels", "Corpus", "Report", "UnusableSource"]
__all__ += ["fingerprint", "ingest", "traffic", "unlabelled"]


@dataclass(frozen=True)
class Report:
    """What became of every row: `read` is the sum of the numbers; `learnt_feedback` is a part of `kept`."""

    read: int
    kept: int
    duplicates: int
    near_duplicates: int
    leaks: int
    traffic: int
    held_out_feedback: int
    conflicting: int
    skipped: int
    unlabelled: int
    rejected: dict[str, int]
    quarantine: str | None
    learnt_feedback: int = 0


@dataclass(frozen=True)
class Corpus:
    """What is learned from, what is judged by, and how they came about."""

    train: Snapshot
    test: Snapshot
    report: Report


def ingest(spec: ModelSpec, workspace: Workspace, feedback: Iterable[LabelledText] = ()) -> Corpus:
    """Read, mask, split and store a declared source; the same source and feedback give the same two digests."""
    pools = pool(spec)
    answered = answers(feedback, pools, spec)
    key = _key(workspace) if spec.source.customer else b""
    test = _examples(pools.test, spec.source, key)
    sieved = remove_leaks(
        [*_examples(pools.train, spec.source, key), *answered.examples], [example.text for example in test]
    )
    _require_both(sieved.train, test, spec)
    folder = workspace.files.snapshots(spec.name)
    train, held_out = (snapshot.write(_frame(examples, spec.source), folder) for examples in (sieved.train, test))
    bad = (*pools.bad, *answered.bad)
    counts = pools.counts + answered.counts + sieved.counts
    counts.update(kept=train.rows + held_out.rows, traffic=len(pools.traffic))
    file = quarantine.write(bad, workspace.files.quarantine(spec.name))
    taught = sum(example.origin == FEEDBACK for example in sieved.train)
    report = replace(_report(counts, Counter(entry.reason for entry in bad), file), learnt_feedback=taught)
    return Corpus(train, held_out, report)


def _key(workspace: Workspace) -> bytes:
    return secret_key(workspace.home, lambda: workspace.store.needs_key())


def traffic(spec: ModelSpec) -> list[Record]:
    """What customers really wrote, kept back to be replayed with its human labels: unmasked, in memory only."""
    return sorted(pool(spec).traffic.values(), key=lambda record: record.line)


def unlabelled(uri: str, source: Source, workspace: Workspace) -> Snapshot:
    """Messages without labels, masked and distinct, as a snapshot of `key, text`."""
    reading = gather(uri, source.model_copy(update={"label": None}))
    distinct = remove_leaks(_examples(reading.messages, source), test=()).train
    quarantine.write(reading.bad, workspace.files.quarantine("messages"))
    frame = _frame(distinct, source)[["key", "text"]]
    return snapshot.write(frame, workspace.files.snapshots("messages"))


def _examples(messages: Messages, source: Source, key: bytes = b"") -> list[Example]:
    return [
        Example(
            digest,
            mask(record.text, source.keep_handles),
            record.label or "",
            SOURCE,
            weight=record.weight,
            channel=mask(record.channel or ""),
            customer=customer_hash(record.customer, key) if record.customer and key else "",
        )
        for digest, record in messages.items()
    ]


def _frame(examples: Sequence[Example], source: Source) -> pd.DataFrame:
    """One row per example, typed even when it is empty; channel and customer only where they are declared."""
    columns = {
        "key": pd.array([one.key for one in examples], dtype="str"),
        "text": pd.array([one.text for one in examples], dtype="str"),
        "label": pd.array([one.label for one in examples], dtype="str"),
        "validation": pd.array([validates(one.key) for one in examples], dtype="bool"),
        "origin": pd.array([one.origin for one in examples], dtype="str"),
        "weight": pd.array([one.weight for one in examples], dtype="float64"),
    }
    told = {name: pd.array([getattr(one, name) for one in examples], dtype="str") for name in about(source)}
    return pd.DataFrame(columns | told)


def about(source: Source) -> list[str]:
    """The columns that a corpus has only where its source declares them."""
    return [name for name in ("channel", "customer") if getattr(source, name)]


def _require_both(train: Sequence[Example], test: Sequence[Example], spec: ModelSpec) -> None:
    if not train or not test:
        raise UnusableSource(
            f"{spec.source.uri}: found {len(train)} texts to learn from and {len(test)} held out by their hash; "
            f"expected some hundreds of different texts with the labels {spec.target.expected}"
        )


def _report(counts: Counter[str], rejected: Counter[str], file: str | None) -> Report:
    names = ("read", "kept", "duplicates", "near_duplicates", "leaks", "traffic", "held_out_feedback")
    numbers = {name: counts[name] for name in (*names, "conflicting", "skipped", "unlabelled")}
    return Report(**numbers, rejected=dict(sorted(rejected.items())), quarantine=file)
