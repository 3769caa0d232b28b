"""Scores of label sets in resamples: percentile bootstrap over messages, or over customers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.kinds.labelled.label_counts import Tally, Values
from pipelines.kinds.multilabel.set_metrics import Sets
from pipelines.statistics.bootstrap import Interval, interval, resample_weights


@dataclass(frozen=True)
class SetCounts(Tally):
    """A tally of labels, with the numbers of exact sets (`right`) and of texts, `(resamples,)`."""

    right: Values
    texts: Values


Score = Callable[[SetCounts], Values]


def accuracy(counts: SetCounts) -> Values:
    """Return the share of texts answered with exactly their labels, `(resamples,)`."""
    return np.asarray(counts.right / counts.texts)


class ResampledSets:
    """Counts of any number of models in the same resamples; whole `customers` are drawn if they are known."""

    def __init__(self, truth: Sets, customers: Sequence[str] | None = None, seed: int = 0) -> None:
        self.truth = truth
        # The first row has the observed texts.
        self.draws = np.vstack([np.ones(len(truth)), resample_weights(len(truth), customers, seed)])

    def interval(self, score: Score, answered: Sets) -> Interval:
        """Return the score of one model with its interval."""
        values = score(self._counts(answered))
        return interval(values[0], values[1:])

    def difference(self, score: Score, answered: Sets, other: Sets) -> Interval:
        """Return the difference of two models' scores in the same resamples, with its interval."""
        values = score(self._counts(answered)) - score(self._counts(other))
        return interval(values[0], values[1:])

    def _counts(self, answered: Sets) -> SetCounts:
        support, predicted, hits = (self.draws @ side for side in (self.truth, answered, self.truth & answered))
        return SetCounts(support, predicted, hits, self.draws @ (self.truth == answered).all(1), self.draws.sum(1))
