"""Confidence intervals: percentile bootstrap (Efron, 1979) over messages, or over customers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A figure with its 95% confidence interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def resample_weights(texts: int, customers: Sequence[str] | None = None, seed: int = 0) -> npt.NDArray[np.float32]:
    """Return the number of copies of each text in each resample, `(resamples, texts)`.

    `customers` has the author of each text: whole customers are drawn then, because one person's texts are alike.
    """
    groups = np.arange(texts) if customers is None else np.unique(customers, return_inverse=True)[1]
    count = int(groups.max()) + 1
    weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    return weights.astype(np.float32)[:, groups]


def interval(value: float, draws: Values) -> Interval:
    """Return the 95% interval of a figure from its observed value and its values in the resamples, `(resamples,)`."""
    low, high = np.percentile(draws, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))
