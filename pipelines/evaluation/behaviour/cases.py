"""Base texts, what the model said to them, and what they were changed into."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from pipelines.evaluation.model_answers import Answers
from pipelines.ingestion.text import digest

SHOWN = 5  # failures that people are shown


@dataclass(frozen=True)
class Case:
    """What the base text at a place was changed into."""

    place: int
    text: str


@dataclass(frozen=True)
class Asked:
    """Base texts with the answers to them."""

    texts: Sequence[str]
    answers: Answers

    def told(self, case: Case, after: str) -> str:
        """A failed case in one line."""
        return f"'{self.texts[case.place]}' -> '{case.text}': {after}"


def sampled(texts: Iterable[str], most: int) -> list[str]:
    """So many of the texts, the same ones in whatever order they come; few are others when a few texts join."""
    # The first 16 digits say which pool a text went to: by them, masked texts would come first.
    return sorted(set(texts), key=lambda text: digest(text)[16:])[:most]


def sample(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """So many rows of a frame with the column `text`, as `sampled` chooses them; of equal texts the first."""
    rows = frame.drop_duplicates("text").set_index("text", drop=False)
    return rows.loc[sampled(rows.index, most)]
