"""Macro-F1 on the validation rows, and how far it could have been otherwise (bootstrap: Efron, 1979)."""

import numpy as np
import numpy.typing as npt

RESAMPLES = 400
Figures = npt.NDArray[np.float64]


class Scale:
    """The same resampled rows for every trial of a tuning, so that trials are compared in pairs.

    Counts per label are enough for F1: 150 labels would need 22,500 cells of a confusion matrix per resample.
    """

    def __init__(self, references: npt.NDArray[np.int64], labels: int, seed: int) -> None:
        rows = len(references)
        self.truth = np.eye(labels)[references]
        self.draws = np.random.default_rng(seed).multinomial(rows, np.full(rows, 1 / rows), size=RESAMPLES)

    def macro_f1(self, answers: npt.NDArray[np.int64]) -> tuple[float, Figures]:
        """Of the rows as they are, and of each resample, over the labels that occur in rows or answers."""
        found = np.eye(self.truth.shape[1])[answers]
        once = np.ones((1, len(answers)))
        return float(self._scored(once, found)[0]), self._scored(self.draws.astype(np.float64), found)

    def _scored(self, draws: Figures, found: Figures) -> Figures:
        hits, total = draws @ (self.truth * found), draws @ (self.truth + found)
        scores = np.divide(2 * hits, total, out=np.zeros_like(total), where=total > 0)
        return np.asarray(scores.sum(1) / (total > 0).sum(1))
