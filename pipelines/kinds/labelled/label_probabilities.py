"""The probabilities of labels for some texts."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.model_answers import Answers


@dataclass(frozen=True)
class LabelProbabilities:
    """`(texts, columns)` calibrated probabilities, one column for each label."""

    scores: npt.NDArray[np.float64]
    columns: tuple[str, ...]

    def of(self, label: str) -> npt.NDArray[np.float64]:
        """Return the probability of one label for each text, `(texts,)`."""
        return np.asarray(self.scores[:, self.columns.index(label)])

    @cached_property
    def likeliest(self) -> list[str]:
        """The most probable label of each text."""
        return [self.columns[index] for index in self.scores.argmax(1)] if len(self.scores) else []


def label_probabilities(answers: Answers) -> LabelProbabilities:
    """Read the label probabilities from the payloads of answers."""
    columns = answers.target.names
    scores = np.array([[answer.payload[label] for label in columns] for answer in answers.answers])
    return LabelProbabilities(scores.reshape(len(answers.answers), len(columns)), columns)
