"""The probabilities of labels for some texts."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.model_answers import Answers


@dataclass(frozen=True)
class Chances:
    """`(texts, columns)` calibrated probabilities, one column a label in that order."""

    scores: npt.NDArray[np.float64]
    columns: tuple[str, ...]

    def of(self, label: str) -> npt.NDArray[np.float64]:
        """The probability of one label for each text."""
        return np.asarray(self.scores[:, self.columns.index(label)])

    @cached_property
    def likeliest(self) -> list[str]:
        """The most probable label of each text."""
        return [self.columns[place] for place in self.scores.argmax(1)] if len(self.scores) else []


def chances(answers: Answers) -> Chances:
    """As the payloads of answers tell them."""
    columns = answers.target.names
    scores = np.array([[answer.payload[label] for label in columns] for answer in answers.said])
    return Chances(scores.reshape(len(answers.said), len(columns)), columns)
