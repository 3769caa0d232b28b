"""The score on the validation rows, and how far it could have been otherwise (bootstrap: Efron, 1979)."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from pipelines.kinds.kind import Indicators

RESAMPLES = 400
Figures = npt.NDArray[np.float64]
Scored = Callable[[Indicators, Indicators, Indicators], Figures]  # by weights of rows, truth and decisions


class ResampledScore:
    """The same resampled rows for every trial of a tuning, so that trials are compared in pairs."""

    def __init__(self, truth: Indicators, seed: int, scored: Scored) -> None:
        rows, self.truth, self.scored = len(truth), truth, scored
        self.draws = np.random.default_rng(seed).multinomial(rows, np.full(rows, 1 / rows), size=RESAMPLES)

    def score(self, decided: Indicators) -> tuple[float, Figures]:
        """Of the rows as they are, and of each resample."""
        once = np.ones((1, len(decided)))
        resampled = self.scored(self.draws.astype(np.float64), self.truth, decided)
        return float(self.scored(once, self.truth, decided)[0]), resampled
