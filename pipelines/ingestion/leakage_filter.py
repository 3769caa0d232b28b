"""Removal of near duplicates, and of train texts that are nearly a held-out text."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.ingestion import near_duplicates
from pipelines.ingestion.row_report import HELD_OUT_FEEDBACK, LEAK, NEAR_DUPLICATE

SOURCE, FEEDBACK = "source", "feedback"


@dataclass(frozen=True)
class Example:
    """One masked text with its label and its weight in the loss."""

    key: str
    text: str
    label: str
    origin: str
    weight: float
    channel: str = ""
    customer: str = ""


@dataclass(frozen=True)
class Filtered:
    """The remaining train examples, and counts of the others by reason."""

    train: list[Example]
    counts: Counter[str]


def remove_leaks(train: Sequence[Example], test: Sequence[str]) -> Filtered:
    """The train examples without near duplicates of test texts or of each other; source before feedback, then by key.

    Near duplicates with different labels both stay: this step cannot decide which label is wrong.
    """
    ordered = sorted(train, key=lambda example: (example.origin == FEEDBACK, example.key))
    signatures = near_duplicates.signatures([*test, *(example.text for example in ordered)])
    held_out = near_duplicates.Index(signatures[: len(test)])
    index_by_label: defaultdict[str, near_duplicates.Index] = defaultdict(near_duplicates.Index)
    remaining, counts = [], Counter[str]()
    for example, signature in zip(ordered, signatures[len(test) :], strict=True):
        if signature in held_out:
            counts[HELD_OUT_FEEDBACK if example.origin == FEEDBACK else LEAK] += 1
        elif signature in index_by_label[example.label]:
            counts[NEAR_DUPLICATE] += 1
        else:
            index_by_label[example.label].add(signature)
            remaining.append(example)
    return Filtered(remaining, counts)
