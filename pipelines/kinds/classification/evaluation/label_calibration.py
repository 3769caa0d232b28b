"""Calibration of the label probabilities, of challenger and champion."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.reliability import ReliabilityBin, calibration_error, reliability
from pipelines.kinds.labelled.label_probabilities import LabelProbabilities

Scores = npt.NDArray[np.floating]
Indices = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Calibration:
    """Expected calibration error, Brier score and reliability bins; the first two also of the champion."""

    error: float
    brier: float
    bars: tuple[ReliabilityBin, ...]
    champion_error: float | None = None
    champion_brier: float | None = None


def compute_calibration(
    labels: Sequence[str], challenger: LabelProbabilities, champion: LabelProbabilities | None
) -> Calibration | None:
    """Compute the calibration on the same texts.

    None if the challenger lacks some of the labels; a champion that lacks some is left out.
    """
    if set(labels) - set(challenger.columns):
        return None
    error, brier, bins = _calibration_of(labels, challenger)
    if champion is None or set(labels) - set(champion.columns):
        return Calibration(error, brier, bins)
    champion_error, champion_brier, _ = _calibration_of(labels, champion)
    return Calibration(error, brier, bins, champion_error, champion_brier)


def _calibration_of(
    labels: Sequence[str], probabilities: LabelProbabilities
) -> tuple[float, float, tuple[ReliabilityBin, ...]]:
    truth = np.array([probabilities.columns.index(label) for label in labels])
    bins = reliability_bins(probabilities.scores, truth)
    return calibration_error(bins), brier_score(probabilities.scores, truth), bins


def reliability_bins(probabilities: Scores, truth: Indices) -> tuple[ReliabilityBin, ...]:
    """Return the bins of the most probable labels; `truth` has the indices of the right labels."""
    return tuple(reliability(probabilities.max(1), probabilities.argmax(1) == truth))


def brier_score(probabilities: Scores, truth: Indices) -> float:
    """Return the mean squared distance to the truth, 0 to 2 (Brier, 1950)."""
    target = np.zeros_like(probabilities)
    target[np.arange(len(truth)), truth] = 1.0
    return float(((probabilities - target) ** 2).sum(1).mean())
