"""What people said last about texts that no model ever learns from: whether the world moved on from the test split."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pipelines.evaluation.comparison import Comparison
from pipelines.ingestion import near
from pipelines.ingestion.pools import TEST
from pipelines.ingestion.text import bucket
from pipelines.store.lessons import Lesson

MOST, LEAST = 1000, 50


@dataclass(frozen=True)
class Recent:
    """Right answers to so many recent texts; with too few of them nothing is said. `since` is a feedback row."""

    texts: int
    right: int
    enough: bool
    since: int
    against: Comparison | None = None


def recent(lessons: Sequence[Lesson], train: pd.DataFrame, test: pd.DataFrame) -> list[Lesson]:
    """The newest feedback on texts whose hash holds them out, in order of time.

    Texts of the frozen split are not among them, and none is nearly a text that was learnt from.
    """
    known = {*train["key"], *test["key"]}
    held = [one for one in lessons if bucket(one.key) < TEST and one.key not in known][-MOST:]
    if not held:
        return []
    taught = [*train["text"], *(one.text for one in lessons if bucket(one.key) >= TEST)]
    prints = near.prints([*taught, *(one.text for one in held)])
    learnt = near.Index(prints[: len(taught)])
    return [one for one, print_ in zip(held, prints[len(taught) :], strict=True) if print_ not in learnt]
