"""From the outputs of a packaged network to the labels of each text."""

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
    """Probabilities by a temperature; a text has the labels that reach their own threshold.

    How sure the model is of a set is the least probability of what it says of a label: that it is there, or that it
    is not; with less than `least` it abstains.
    """

    target: LabelSets
    temperature: float
    thresholds: npt.NDArray[np.float32]
    least: float

    @property
    def width(self) -> int:
        """One output a label."""
        return len(self.target.labels)

    def calibrated(self, logits: Rows) -> Rows:
        """`(texts, labels)` probabilities, each label by itself."""
        return np.asarray(1 / (1 + np.exp(-np.clip(logits / self.temperature, -60, 60))), np.float32)

    def answer(self, row: Rows) -> Answer:
        """The labels as a cell, how sure the set is, and the probability of every label as payload."""
        there = row >= self.thresholds
        labels = {label for label, has in zip(self.target.labels, there, strict=True) if has}
        sure = float(np.where(there, row, 1 - row).min())
        scores = {label: float(score) for label, score in zip(self.target.labels, row, strict=True)}
        return Answer(KIND, scores, self.target.cell(labels), sure, abstained=sure < self.least)

    def weight(self, rows: Rows, label: str) -> npt.NDArray[np.float64]:
        """The probability of the labels of a cell, as if they were independent; of no label, that none is there."""
        labels = self.target.set_of(label)
        columns = [place for place, name in enumerate(self.target.labels) if name in labels]
        chances = rows.astype(np.float64)
        return np.asarray(chances[:, columns].prod(1) if columns else (1 - chances).prod(1))


def reader(card: Mapping[str, Any]) -> SetReader:
    """As the card of a package says; before thresholds are fitted every label has one of a half."""
    target = LabelSets.of_card(card)
    thresholds = np.array(card.get("thresholds", [HALF] * len(target.labels)), np.float32)
    return SetReader(target, card.get("temperature", 1.0), thresholds, card.get("threshold", 0.0))
