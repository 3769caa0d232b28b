"""Whether anything was learned from that is nearly a held-out text: ingestion promises that nothing was."""

from collections.abc import Iterator, Sequence

from pipelines.evaluation.case import Case
from pipelines.evaluation.measure import Measure, counted
from pipelines.ingestion import near_duplicates


def leaked(case: Case) -> Iterator[Measure]:
    """No train text may be nearly a test text."""
    yield none_leaked(leaks(case.train["text"].tolist(), case.test["text"].tolist()))


def none_leaked(count: int) -> Measure:
    """What is asked of every model."""
    return counted("doubts.leaks", count, f"{count} train texts are nearly test texts: ingest the source again")


def leaks(train: Sequence[str], test: Sequence[str]) -> int:
    """How many train texts are nearly a test text, counted anew from the snapshots as they were written."""
    prints = near_duplicates.prints([*test, *train])
    held_out = near_duplicates.Index(prints[: len(test)])
    return sum(print_ in held_out for print_ in prints[len(test) :])
