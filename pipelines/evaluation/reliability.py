"""Reliability: the agreement of confidence and accuracy."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BINS = 15


@dataclass(frozen=True)
class ReliabilityBin:
    """A bin of a reliability diagram: its share of the answers, their mean confidence, and their accuracy."""

    share: float
    sure: float
    right: float


def reliability(
    confidences: npt.NDArray[np.floating], right: npt.NDArray[np.bool_], bins: int = BINS
) -> list[ReliabilityBin]:
    """Return the bins of a reliability diagram, of equal width; empty bins are left out."""
    numbers = np.minimum((confidences * bins).astype(int), bins - 1)
    members = [numbers == number for number in range(bins)]
    return [
        ReliabilityBin(float(member.mean()), float(confidences[member].mean()), float(right[member].mean()))
        for member in members
        if member.any()
    ]


def calibration_error(bars: Iterable[ReliabilityBin]) -> float:
    """Return the expected calibration error, 0 to 1: the mean gap of confidence and accuracy (Guo and others, 2017)."""
    return sum(bar.share * abs(bar.right - bar.sure) for bar in bars)
