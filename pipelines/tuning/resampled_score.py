"""Validation score and its resampled distribution (bootstrap: Efron, 1979)."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from pipelines.kinds.objective import Indicators

RESAMPLES = 400
Figures = npt.NDArray[np.float64]
ScoreFunction = Callable[[Indicators, Indicators, Indicators], Figures]  # by weights of rows, truth and decisions


class ResampledScore:
    """Scores on the same resampled rows for every trial of a tuning, so that trials compare in pairs."""

    def __init__(self, truth: Indicators, seed: int, score_rows: ScoreFunction) -> None:
        rows, self.truth, self.score_rows = len(truth), truth, score_rows
        self.draws = np.random.default_rng(seed).multinomial(rows, np.full(rows, 1 / rows), size=RESAMPLES)

    def score(self, decisions: Indicators) -> tuple[float, Figures]:
        """The score of the rows as they are, and of each resample, `(resamples,)`."""
        unweighted = np.ones((1, len(decisions)))
        resampled = self.score_rows(self.draws.astype(np.float64), self.truth, decisions)
        return float(self.score_rows(unweighted, self.truth, decisions)[0]), resampled
