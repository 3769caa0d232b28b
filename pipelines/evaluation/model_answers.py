"""The answers of one model to some texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipelines.kinds.kind import Answer
from pipelines.kinds.target import Target


@dataclass(frozen=True)
class Answers:
    """Answers in the order of the texts, of a model with that target; only its kind reads the payloads."""

    target: Target
    answers: Sequence[Answer]

    @cached_property
    def cells(self) -> list[str]:
        """The comparison key of each answer: its cell, or its payload if the kind has no cells."""
        return [answer.comparison_key for answer in self.answers]

    @cached_property
    def confidences(self) -> npt.NDArray[np.float64]:
        """The confidence of each answer, `(texts,)`, 0 to 1; an answer without a score counts as 1."""
        return np.array([1.0 if answer.score is None else answer.score for answer in self.answers], float)

    @cached_property
    def abstained(self) -> npt.NDArray[np.bool_]:
        """True for each answer that the model marked as too uncertain to act on, `(texts,)`."""
        return np.array([answer.abstained for answer in self.answers], bool)


Ask = Callable[[Sequence[str]], Answers]
