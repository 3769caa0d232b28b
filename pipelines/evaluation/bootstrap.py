"""How far a score could have been otherwise: percentile bootstrap (Efron, 1979) over messages, or over customers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
_OTHER = "none of the declared labels"
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A figure with the 95% interval it was found in."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Tally:
    """By label, `(resamples, labels)`: how many texts carry it, were answered with it, and both."""

    given: Values
    answered: Values
    hits: Values


Score = Callable[[Tally], Values]


def macro_f1(tally: Tally) -> Values:
    """Unweighted mean of F1 over the labels that occur as given or as answered."""
    total = tally.given + tally.answered
    scores = np.divide(2 * tally.hits, total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(scores.sum(1) / (total > 0).sum(1))


def accuracy(tally: Tally) -> Values:
    """Share of texts that were answered with the label they carry."""
    return np.asarray(tally.hits.sum(1) / tally.given.sum(1))


class Resampled:
    """Tallies of the same resamples for any number of models: paired by construction.

    `customers` names who wrote each text: whole customers are drawn then, because one person's texts are alike.
    """

    def __init__(
        self, references: Sequence[str], labels: Sequence[str], customers: Sequence[str] | None = None, seed: int = 0
    ) -> None:
        # The last column is for answers that are no declared label: a champion may be older than the declaration.
        self.index = {label: number for number, label in enumerate((*labels, _OTHER))}
        self.references = np.array([self.index[label] for label in references])
        groups = np.arange(len(references)) if customers is None else np.unique(customers, return_inverse=True)[1]
        count = int(groups.max()) + 1
        drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
        self.draws = drawn.astype(np.float32)[:, groups]
        self.given = self._summed(self.references, np.ones(len(references), np.float32))

    def tallies(self, predictions: Sequence[str]) -> tuple[Tally, Tally]:
        """The tally as observed, of one row, and those of the resamples."""
        found = np.array([self.index.get(label, self.index[_OTHER]) for label in predictions])
        right = (found == self.references).astype(np.float32)
        sides = (self.given, self._summed(found, np.ones_like(right)), self._summed(self.references, right))
        observed, drawn = zip(*sides, strict=True)
        return Tally(*observed), Tally(*drawn)

    def _summed(self, labels: npt.NDArray[np.int64], weights: npt.NDArray[np.float32]) -> tuple[Values, Values]:
        """Weights by label, as observed and in each resample."""
        cells = np.zeros((len(labels), len(self.index)), np.float32)
        cells[np.arange(len(labels)), labels] = weights
        return cells.sum(0, keepdims=True, dtype=np.float64), (self.draws @ cells).astype(np.float64)

    def interval(self, score: Score, predictions: Sequence[str]) -> Interval:
        """The score of one model."""
        observed, drawn = self.tallies(predictions)
        return _interval(score(observed)[0], score(drawn))

    def difference(self, score: Score, predictions: Sequence[str], others: Sequence[str]) -> Interval:
        """The score of one model less another's on the same resamples."""
        (observed, drawn), (observed_other, drawn_other) = self.tallies(predictions), self.tallies(others)
        return _interval(score(observed)[0] - score(observed_other)[0], score(drawn) - score(drawn_other))


def _interval(value: float, draws: Values) -> Interval:
    low, high = np.percentile(draws, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))
