"""From the outputs of a packaged network to one label for each text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.kinds.kind import Answer, Rows

KIND = "classification"


@dataclass(frozen=True)
class LabelReader:
    """Probabilities by a temperature; a label with less than `threshold` abstains."""

    labels: tuple[str, ...]
    temperature: float
    threshold: float

    @property
    def width(self) -> int:
        """One output a label."""
        return len(self.labels)

    def calibrated(self, logits: Rows) -> Rows:
        """`(texts, labels)` probabilities."""
        heated = logits / self.temperature
        powers = np.exp(heated - heated.max(axis=1, keepdims=True, initial=-np.inf))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def answer(self, row: Rows) -> Answer:
        """The most probable label, its probability, and that of every label as payload."""
        scores = {label: float(score) for label, score in zip(self.labels, row, strict=True)}
        label = max(scores, key=scores.__getitem__)
        return Answer(KIND, scores, label, scores[label], abstained=scores[label] < self.threshold)

    def weight(self, rows: Rows, label: str) -> npt.NDArray[np.float64]:
        """The probability of the label."""
        return rows[:, self.labels.index(label)].astype(np.float64)


def reader(card: Mapping[str, Any]) -> LabelReader:
    """As the card of a package says; without a temperature outputs stay, without a threshold none abstains."""
    return LabelReader(tuple(card["labels"]), card.get("temperature", 1.0), card.get("threshold", 0.0))
