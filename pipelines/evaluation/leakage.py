"""Whether anything was learned from that is nearly a held-out text: ingestion promises that nothing was."""

from collections.abc import Sequence

from pipelines.ingestion import near


def leaks(train: Sequence[str], test: Sequence[str]) -> int:
    """How many train texts are nearly a test text, counted anew from the snapshots as they were written."""
    prints = near.prints([*test, *train])
    held_out = near.Index(prints[: len(test)])
    return sum(print_ in held_out for print_ in prints[len(test) :])
