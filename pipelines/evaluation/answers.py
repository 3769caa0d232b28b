"""What one model said to some texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Answers:
    """A label for each text, and `(texts, columns)` calibrated probabilities, one column a label in that order."""

    labels: list[str]
    scores: npt.NDArray[np.float64]
    columns: tuple[str, ...]

    def of(self, label: str) -> npt.NDArray[np.float64]:
        """The probability of one label for each text."""
        return np.asarray(self.scores[:, self.columns.index(label)])

    @property
    def sure(self) -> npt.NDArray[np.float64]:
        """The probability of what was answered, for each text."""
        return np.asarray(self.scores.max(1)) if len(self.labels) else np.zeros(0)


Ask = Callable[[Sequence[str]], Answers]
