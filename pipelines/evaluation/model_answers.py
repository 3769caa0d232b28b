"""What one model said to some texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipelines.kinds.kind import Answer
from pipelines.kinds.target import Target


@dataclass(frozen=True)
class Answers:
    """An answer for each text, in their order, of a model with that target; payloads are for its kind to read."""

    target: Target
    said: Sequence[Answer]

    @cached_property
    def cells(self) -> list[str]:
        """What each answer is compared by."""
        return [answer.told for answer in self.said]

    @cached_property
    def sure(self) -> npt.NDArray[np.float64]:
        """The confidence of each answer, `(texts,)`, 0 to 1; one without a score is sure."""
        return np.array([1.0 if answer.score is None else answer.score for answer in self.said], float)

    @cached_property
    def abstained(self) -> npt.NDArray[np.bool_]:
        """The model's own mark on each answer that it is too unsure to be acted on, `(texts,)`."""
        return np.array([answer.abstained for answer in self.said], bool)


Ask = Callable[[Sequence[str]], Answers]
