"""Whether a confidence means what it says."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BINS = 15


@dataclass(frozen=True)
class ReliabilityBin:
    """Answers about equally sure: their share of all, how sure they were on average, and how often right."""

    share: float
    sure: float
    right: float


def reliability(sure: npt.NDArray[np.floating], right: npt.NDArray[np.bool_], bins: int = BINS) -> list[ReliabilityBin]:
    """The bars of a reliability diagram, over bins of equal width; empty bins are left out."""
    places = np.minimum((sure * bins).astype(int), bins - 1)
    found = [places == number for number in range(bins)]
    return [
        ReliabilityBin(float(one.mean()), float(sure[one].mean()), float(right[one].mean()))
        for one in found
        if one.any()
    ]


def calibration_error(bars: Iterable[ReliabilityBin]) -> float:
    """Expected calibration error, 0 to 1: the mean gap between sure and right (Guo and others, 2017)."""
    return sum(bar.share * abs(bar.right - bar.sure) for bar in bars)
