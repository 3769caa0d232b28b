"""Leakage: train texts that are near-duplicates of held-out texts. Ingestion is meant to leave none."""

from collections.abc import Iterator, Sequence

from pipelines.evaluation.case import Case
from pipelines.evaluation.measure import Measure, none_allowed
from pipelines.ingestion.duplicate_rows import nearly


def measure_leakage(case: Case) -> Iterator[Measure]:
    """Count the train texts that are near-duplicates of test texts."""
    yield leakage_measure(count_leaks(case.train["text"].tolist(), case.test["text"].tolist()))


def leakage_measure(count: int) -> Measure:
    """Refuse a version if any train text is a near-duplicate of a test text."""
    return none_allowed("doubts.leaks", count, f"{count} train texts are nearly test texts: ingest the source again")


def count_leaks(train: Sequence[str], test: Sequence[str]) -> int:
    """Return the number of train texts that are near-duplicates of a test text, counted from the stored snapshots."""
    return sum(nearly(test, train))
