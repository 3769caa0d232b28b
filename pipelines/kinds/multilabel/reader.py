"""Converts the outputs of a packaged network into the labels of each text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.kinds.kind import Answer, Rows
from pipelines.kinds.multilabel.target import LabelSets

KIND = "multilabel"
HALF = 0.5


@dataclass(frozen=True)
class SetReader:
    """Sigmoid with a temperature; a text has the labels whose probability reaches their own threshold.

    The confidence in a set is the lowest probability of a decision on a label (present or absent); an answer with a
    confidence below `min_confidence` abstains.
    """

    target: LabelSets
    temperature: float
    thresholds: npt.NDArray[np.float32]
    min_confidence: float

    @property
    def width(self) -> int:
        """The number of outputs: one per label."""
        return len(self.target.labels)

    def calibrate(self, logits: Rows) -> Rows:
        """Return the probability of each label by itself, `(texts, labels)`."""
        return np.asarray(1 / (1 + np.exp(-np.clip(logits / self.temperature, -60, 60))), np.float32)

    def answer(self, row: Rows) -> Answer:
        """Return the labels as a cell, the confidence in the set, and all probabilities as payload."""
        present = row >= self.thresholds
        labels = {label for label, has in zip(self.target.labels, present, strict=True) if has}
        confidence = float(np.where(present, row, 1 - row).min())
        scores = {label: float(score) for label, score in zip(self.target.labels, row, strict=True)}
        return Answer(KIND, scores, self.target.cell(labels), confidence, abstained=confidence < self.min_confidence)

    def weight(self, rows: Rows, label: str) -> npt.NDArray[np.float64]:
        """Return the probability of a cell, `(texts,)`, with independent labels; the empty cell means no label."""
        labels = self.target.set_of(label)
        columns = [index for index, name in enumerate(self.target.labels) if name in labels]
        probabilities = rows.astype(np.float64)
        return np.asarray(probabilities[:, columns].prod(1) if columns else (1 - probabilities).prod(1))


def reader(card: Mapping[str, Any]) -> SetReader:
    """Return the reader of a package; without fitted thresholds each is one half."""
    target = LabelSets.of_card(card)
    thresholds = np.array(card.get("thresholds", [HALF] * len(target.labels)), np.float32)
    return SetReader(target, card.get("temperature", 1.0), thresholds, card.get("threshold", 0.0))
