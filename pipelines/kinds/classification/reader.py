"""Converts the outputs of a packaged network into one label per text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.kinds.kind import Answer, Rows

KIND = "classification"


@dataclass(frozen=True)
class LabelReader:
    """Softmax with a temperature; an answer with a probability below `threshold` abstains."""

    labels: tuple[str, ...]
    temperature: float
    threshold: float

    @property
    def width(self) -> int:
        """The number of outputs: one per label."""
        return len(self.labels)

    def calibrate(self, logits: Rows) -> Rows:
        """Return the label probabilities, `(texts, labels)`."""
        scaled = logits / self.temperature
        powers = np.exp(scaled - scaled.max(axis=1, keepdims=True, initial=-np.inf))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def answer(self, row: Rows) -> Answer:
        """Return the most probable label, its probability, and all probabilities as payload."""
        scores = {label: float(score) for label, score in zip(self.labels, row, strict=True)}
        label = max(scores, key=scores.__getitem__)
        return Answer(KIND, scores, label, scores[label], abstained=scores[label] < self.threshold)

    def weight(self, rows: Rows, label: str) -> npt.NDArray[np.float64]:
        """Return the probability of a label in each row, `(texts,)`."""
        return rows[:, self.labels.index(label)].astype(np.float64)


def reader(card: Mapping[str, Any]) -> LabelReader:
    """Return the reader of a package; without a temperature it is 1, without a threshold no answer abstains."""
    return LabelReader(tuple(card["labels"]), card.get("temperature", 1.0), card.get("threshold", 0.0))
