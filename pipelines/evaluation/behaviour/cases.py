"""Base texts, the answers to them, and the changed texts made from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from pipelines.evaluation.model_answers import Answers
from pipelines.ingestion.text import digest

MAX_EXAMPLES = 5  # failures shown to people


@dataclass(frozen=True)
class BehaviourCase:
    """A changed text, and the index of its base text."""

    base_index: int
    text: str


@dataclass(frozen=True)
class AnsweredTexts:
    """Base texts with the answers to them."""

    texts: Sequence[str]
    answers: Answers

    def format_failure(self, case: BehaviourCase, after: str) -> str:
        """Format a failed case as one line."""
        return f"'{self.texts[case.base_index]}' -> '{case.text}': {after}"


def sample_texts(texts: Iterable[str], most: int) -> list[str]:
    """Return `most` of the texts, regardless of their order; if a few texts join, few of the chosen change."""
    # The first 16 digits of a digest decide the split of a text: sorted by them, masked texts would come first.
    return sorted(set(texts), key=lambda text: digest(text)[16:])[:most]


def sample_rows(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return `most` rows of a frame with the column `text`, chosen by `sample_texts`; of equal texts the first."""
    rows = frame.drop_duplicates("text").set_index("text", drop=False)
    return rows.loc[sample_texts(rows.index, most)]
