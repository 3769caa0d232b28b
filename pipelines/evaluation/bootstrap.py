"""How far a score could have been otherwise: percentile bootstrap over messages (Efron, 1979)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
_OTHER = "none of the declared labels"
Cells = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A figure with the 95% interval it was found in."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def macro_f1(cells: Cells) -> npt.NDArray[np.float64]:
    """Macro-F1 of confusion counts `(resamples, labels, labels)`, over labels that occur in rows or columns."""
    hits = np.diagonal(cells, axis1=1, axis2=2)
    total = cells.sum(1) + cells.sum(2)
    scores = np.divide(2 * hits, total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(scores.sum(1) / (total > 0).sum(1))


def accuracy(cells: Cells) -> npt.NDArray[np.float64]:
    """Accuracy of confusion counts `(resamples, labels, labels)`."""
    return np.asarray(np.trace(cells, axis1=1, axis2=2) / cells.sum((1, 2)))


Score = Callable[[Cells], npt.NDArray[np.float64]]


class Resampled:
    """Confusion counts of the same resamples for any number of models: paired by construction."""

    def __init__(self, references: list[str], labels: tuple[str, ...], seed: int = 0) -> None:
        # The last column is for answers that are no declared label: a champion may be older than the declaration.
        self.index = {label: number for number, label in enumerate((*labels, _OTHER))}
        self.references = np.array([self.index[label] for label in references])
        rows = len(references)
        draws = np.random.default_rng(seed).multinomial(rows, np.full(rows, 1 / rows), size=RESAMPLES)
        self.draws = draws.astype(np.float32)

    def counts(self, predictions: list[str]) -> tuple[Cells, Cells]:
        """Confusion counts as observed `(1, labels, labels)` and resampled `(resamples, labels, labels)`."""
        size = len(self.index)
        found = np.array([self.index.get(label, self.index[_OTHER]) for label in predictions])
        cells = np.zeros((len(found), size * size), np.float32)
        cells[np.arange(len(found)), self.references * size + found] = 1
        observed = cells.sum(0, keepdims=True).reshape(1, size, size)
        return observed.astype(np.float64), (self.draws @ cells).reshape(-1, size, size).astype(np.float64)

    def interval(self, score: Score, predictions: list[str]) -> Interval:
        """The score of one model."""
        observed, drawn = self.counts(predictions)
        return _interval(score(observed)[0], score(drawn))

    def difference(self, score: Score, predictions: list[str], others: list[str]) -> Interval:
        """The score of one model less another's on the same resamples."""
        (observed, drawn), (observed_other, drawn_other) = self.counts(predictions), self.counts(others)
        return _interval(score(observed)[0] - score(observed_other)[0], score(drawn) - score(drawn_other))


def _interval(value: float, draws: npt.NDArray[np.float64]) -> Interval:
    low, high = np.percentile(draws, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))
