"""The resamples of the gate, made once for all trials of one size."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from pipelines.kinds.classification.evaluation.label_resamples import Resampled


class Redrawn(Resampled):
    """Draws made before, over other texts: they depend on how many there are, and on nothing else.

    Sums run over the texts of each label instead of through a matrix that is nearly empty: the same figures to the last
    bit, because all of them are counts, five times sooner with 77 labels.
    """

    def __init__(self, known: Resampled, references: Sequence[str]) -> None:
        self.index, self.draws = known.index, known.draws
        self.references = np.array([self.index[label] for label in references])
        self.given = self._summed(self.references, np.ones(len(references), np.float32))

    def _summed(self, labels: Any, weights: Any) -> Any:
        size = (len(self.index), len(labels))
        cells = csr_array((weights, (labels, np.arange(len(labels)))), shape=size)
        summed = np.ascontiguousarray((cells @ self.draws.T).T, dtype=np.float64)
        return cells.sum(1, dtype=np.float64)[None], summed


@cache
def resamples(texts: int, labels: tuple[str, ...]) -> Resampled:
    """Those of so many texts, one after another in memory."""
    known = Resampled([labels[0]] * texts, labels)
    known.draws = np.asfortranarray(known.draws)
    return known
