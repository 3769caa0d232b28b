"""Whether the probabilities of labels mean what they say, beside the champion's."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.reliability import ReliabilityBin, calibration_error, reliability
from pipelines.kinds.labelled.label_probabilities import Chances

Scores = npt.NDArray[np.floating]
Places = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Trust:
    """Expected calibration error, Brier score and the bars of a contestant; the first two of the champion too."""

    error: float
    brier: float
    bars: tuple[ReliabilityBin, ...]
    champion_error: float | None = None
    champion_brier: float | None = None


def trust(labels: Sequence[str], challenger: Chances, champion: Chances | None) -> Trust | None:
    """On the same texts; none where the challenger knows other labels, and a champion that does is not compared."""
    if set(labels) - set(challenger.columns):
        return None
    error, spread, bars = _trusted(labels, challenger)
    if champion is None or set(labels) - set(champion.columns):
        return Trust(error, spread, bars)
    other = _trusted(labels, champion)
    return Trust(error, spread, bars, other[0], other[1])


def _trusted(labels: Sequence[str], found: Chances) -> tuple[float, float, tuple[ReliabilityBin, ...]]:
    truth = np.array([found.columns.index(label) for label in labels])
    shown = bars(found.scores, truth)
    return calibration_error(shown), brier(found.scores, truth), shown


def bars(probabilities: Scores, truth: Places) -> tuple[ReliabilityBin, ...]:
    """The bars of the likeliest labels, by `(texts, labels)` probabilities and the places of the right labels."""
    return tuple(reliability(probabilities.max(1), probabilities.argmax(1) == truth))


def brier(probabilities: Scores, truth: Places) -> float:
    """Mean squared distance to the truth, 0 to 2 (Brier, 1950)."""
    wanted = np.zeros_like(probabilities)
    wanted[np.arange(len(truth)), truth] = 1.0
    return float(((probabilities - wanted) ** 2).sum(1).mean())
