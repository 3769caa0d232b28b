"""Scores of models with one label per text, in the same resamples for all models."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.kinds.labelled.label_counts import Tally, Values
from pipelines.statistics.bootstrap import Interval, interval, resample_weights

_OTHER = "none of the declared labels"
Score = Callable[[Tally], Values]


def accuracy(tally: Tally) -> Values:
    """Return the share of texts answered with their label, `(resamples,)`."""
    return np.asarray(tally.hits.sum(1) / tally.support.sum(1))


class Resampled:
    """Tallies of any number of models in the same resamples, so that scores are paired."""

    def __init__(
        self, references: Sequence[str], labels: Sequence[str], customers: Sequence[str] | None = None, seed: int = 0
    ) -> None:
        # The last column is for undeclared labels: a champion may be older than the declaration.
        self.index = {label: number for number, label in enumerate((*labels, _OTHER))}
        self.references = np.array([self.index[label] for label in references])
        self.draws = resample_weights(len(references), customers, seed)
        self.support = self._summed(self.references, np.ones(len(references), np.float32))

    def tallies(self, predictions: Sequence[str]) -> tuple[Tally, Tally]:
        """Return the observed tally (one row) and the tally of the resamples."""
        predicted = np.array([self.index.get(label, self.index[_OTHER]) for label in predictions])
        right = (predicted == self.references).astype(np.float32)
        sides = (self.support, self._summed(predicted, np.ones_like(right)), self._summed(self.references, right))
        observed, resampled = zip(*sides, strict=True)
        return Tally(*observed), Tally(*resampled)

    def _summed(self, labels: npt.NDArray[np.int64], weights: npt.NDArray[np.float32]) -> tuple[Values, Values]:
        """Sum weights by label, observed and in each resample."""
        cells = np.zeros((len(labels), len(self.index)), np.float32)
        cells[np.arange(len(labels)), labels] = weights
        return cells.sum(0, keepdims=True, dtype=np.float64), (self.draws @ cells).astype(np.float64)

    def interval(self, score: Score, predictions: Sequence[str]) -> Interval:
        """Return the score of one model with its interval."""
        observed, resampled = self.tallies(predictions)
        return interval(score(observed)[0], score(resampled))

    def difference(self, score: Score, predictions: Sequence[str], others: Sequence[str]) -> Interval:
        """Return the difference of two models' scores in the same resamples, with its interval."""
        (observed, resampled), (observed_other, resampled_other) = self.tallies(predictions), self.tallies(others)
        return interval(score(observed)[0] - score(observed_other)[0], score(resampled) - score(resampled_other))
