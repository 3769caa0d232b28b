"""Scores of one label per text in the same resamples for any number of models."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.bootstrap import Interval, drawn, interval
from pipelines.kinds.labelled.label_counts import Tally, Values

_OTHER = "none of the declared labels"
Score = Callable[[Tally], Values]


def accuracy(tally: Tally) -> Values:
    """Share of texts that were answered with the label they carry."""
    return np.asarray(tally.hits.sum(1) / tally.given.sum(1))


class Resampled:
    """Tallies of the same resamples for any number of models: paired by construction."""

    def __init__(
        self, references: Sequence[str], labels: Sequence[str], customers: Sequence[str] | None = None, seed: int = 0
    ) -> None:
        # The last column is for answers that are no declared label: a champion may be older than the declaration.
        self.index = {label: number for number, label in enumerate((*labels, _OTHER))}
        self.references = np.array([self.index[label] for label in references])
        self.draws = drawn(len(references), customers, seed)
        self.given = self._summed(self.references, np.ones(len(references), np.float32))

    def tallies(self, predictions: Sequence[str]) -> tuple[Tally, Tally]:
        """The tally as observed, of one row, and those of the resamples."""
        found = np.array([self.index.get(label, self.index[_OTHER]) for label in predictions])
        right = (found == self.references).astype(np.float32)
        sides = (self.given, self._summed(found, np.ones_like(right)), self._summed(self.references, right))
        observed, resampled = zip(*sides, strict=True)
        return Tally(*observed), Tally(*resampled)

    def _summed(self, labels: npt.NDArray[np.int64], weights: npt.NDArray[np.float32]) -> tuple[Values, Values]:
        """Weights by label, as observed and in each resample."""
        cells = np.zeros((len(labels), len(self.index)), np.float32)
        cells[np.arange(len(labels)), labels] = weights
        return cells.sum(0, keepdims=True, dtype=np.float64), (self.draws @ cells).astype(np.float64)

    def interval(self, score: Score, predictions: Sequence[str]) -> Interval:
        """The score of one model."""
        observed, resampled = self.tallies(predictions)
        return interval(score(observed)[0], score(resampled))

    def difference(self, score: Score, predictions: Sequence[str], others: Sequence[str]) -> Interval:
        """The score of one model less another's on the same resamples."""
        (observed, resampled), (observed_other, resampled_other) = self.tallies(predictions), self.tallies(others)
        return interval(score(observed)[0] - score(observed_other)[0], score(resampled) - score(resampled_other))
