"""Removal of near duplicates, and of train texts that are nearly a held-out text."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.ingestion.duplicate_rows import LEAKS, REPEATS, STAYS, Fates, fates
from pipelines.ingestion.message_columns import Texts, column, rows_where, select
from pipelines.ingestion.row_examples import EXAMPLES, example_line
from pipelines.ingestion.row_report import HELD_OUT_FEEDBACK, LEAK, NEAR_DUPLICATE
from pipelines.runtime.memory import return_unused_memory
from pipelines.runtime.progress import late_progress

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


@dataclass(frozen=True)
class Remaining:
    """The remaining messages in columns, counts of the others by reason, and a few of these for people."""

    messages: pa.Table
    counts: Counter[str]
    examples: dict[str, list[str]] = field(default_factory=dict)


def without_leaks(train: pa.Table, test: pa.Array) -> Remaining:
    """`remove_leaks` for messages in columns, in the order of precedence, with their `origin`."""
    texts, labels = column(train, "text"), column(train, "label").indices.to_pylist()
    return_unused_memory()  # of reading; the comparison needs as much
    with late_progress(lambda: f"comparing {len(train) + len(test):,} texts for near duplicates"):
        decided = fates(Texts((test,)), Texts((texts,)), labels)
    leaves = {reason: rows for reason, rows in _left_out(train, decided).items() if rows.any()}
    return Remaining(
        rows_where(train, decided == STAYS),
        Counter({reason: int(rows.sum()) for reason, rows in leaves.items()}),
        {reason: _examples(train, rows) for reason, rows in leaves.items()},
    )


def _left_out(train: pa.Table, decided: Fates) -> dict[str, NDArray[np.bool_]]:
    feedback = pc.equal(column(train, "origin"), FEEDBACK).to_numpy(zero_copy_only=False)
    leaks = decided == LEAKS
    return {NEAR_DUPLICATE: decided == REPEATS, LEAK: leaks & ~feedback, HELD_OUT_FEEDBACK: leaks & feedback}


def _examples(train: pa.Table, rows: NDArray[np.bool_]) -> list[str]:
    first = select(train, np.flatnonzero(rows)[:EXAMPLES])
    return [example_line(row["line"], row["text"]) for row in first.to_pylist()]


def _reason(example: Example, fate: int) -> str:
    if fate == REPEATS:
        return NEAR_DUPLICATE
    return HELD_OUT_FEEDBACK if example.origin == FEEDBACK else LEAK
