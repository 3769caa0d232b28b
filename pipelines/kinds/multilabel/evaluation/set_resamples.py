"""How far a score of sets of labels could have been otherwise: percentile bootstrap over messages, or customers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.evaluation.bootstrap import Interval, drawn, interval
from pipelines.kinds.labelled.label_counts import Tally, Values
from pipelines.kinds.multilabel.set_metrics import Sets


@dataclass(frozen=True)
class Counts(Tally):
    """Of labels, and of texts that were answered with exactly theirs, `(resamples,)`."""

    right: Values
    texts: Values


Score = Callable[[Counts], Values]


def accuracy(counts: Counts) -> Values:
    """Share of texts that were answered with exactly their labels."""
    return np.asarray(counts.right / counts.texts)


class Resampled:
    """Counts of the same resamples for any number of models; whole `customers` are drawn where they are known."""

    def __init__(self, truth: Sets, customers: Sequence[str] | None = None, seed: int = 0) -> None:
        self.truth = truth
        # The first row is the texts as they are.
        self.draws = np.vstack([np.ones(len(truth)), drawn(len(truth), customers, seed)])

    def interval(self, score: Score, answered: Sets) -> Interval:
        """The score of one model."""
        values = score(self._counts(answered))
        return interval(values[0], values[1:])

    def difference(self, score: Score, answered: Sets, other: Sets) -> Interval:
        """The score of one model less another's on the same resamples."""
        values = score(self._counts(answered)) - score(self._counts(other))
        return interval(values[0], values[1:])

    def _counts(self, answered: Sets) -> Counts:
        given, told, hits = (self.draws @ side for side in (self.truth, answered, self.truth & answered))
        return Counts(given, told, hits, self.draws @ (self.truth == answered).all(1), self.draws.sum(1))
