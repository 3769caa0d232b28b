"""Removal of near duplicates, and of train texts that are nearly a held-out text."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.ingestion.duplicate_rows import REPEATS, STAYS, fates
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
    decided = fates(test, [example.text for example in ordered], [example.label for example in ordered]).tolist()
    remaining = [example for example, fate in zip(ordered, decided, strict=True) if fate == STAYS]
    reasons = (_reason(example, fate) for example, fate in zip(ordered, decided, strict=True) if fate != STAYS)
    return Filtered(remaining, Counter(reasons))


def _reason(example: Example, fate: int) -> str:
    if fate == REPEATS:
        return NEAR_DUPLICATE
    return HELD_OUT_FEEDBACK if example.origin == FEEDBACK else LEAK
