"""Whether a probability means what it says, and the temperature that mends it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from pipelines.evaluation.answers import Answers

BINS = 15
COLDEST, HOTTEST = 0.05, 20.0
Scores = npt.NDArray[np.floating]
Places = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Bar:
    """Answers about equally sure: their share of all, how sure they were on average, and how often right."""

    share: float
    sure: float
    right: float


def reliability(probabilities: Scores, truth: Places, bins: int = BINS) -> list[Bar]:
    """The bars of a reliability diagram, over bins of equal width; empty bins are left out."""
    sure, right = probabilities.max(1), probabilities.argmax(1) == truth
    places = np.minimum((sure * bins).astype(int), bins - 1)
    found = [places == number for number in range(bins)]
    return [Bar(float(one.mean()), float(sure[one].mean()), float(right[one].mean())) for one in found if one.any()]


def calibration_error(probabilities: Scores, truth: Places) -> float:
    """Expected calibration error, 0 to 1: the mean gap between sure and right (Guo and others, 2017)."""
    return sum(bar.share * abs(bar.right - bar.sure) for bar in reliability(probabilities, truth))


def brier(probabilities: Scores, truth: Places) -> float:
    """Mean squared distance to the truth, 0 to 2 (Brier, 1950)."""
    wanted = np.zeros_like(probabilities)
    wanted[np.arange(len(truth)), truth] = 1.0
    return float(((probabilities - wanted) ** 2).sum(1).mean())


def temperature(logits: Scores, truth: Places) -> float:
    """What to divide logits by so that their likelihood is highest (Guo and others, 2017); 1 without rows.

    Its logarithm is expected around 0, as much as one text can say: a few texts that are all right make nobody certain.
    """
    if not len(truth):
        return 1.0
    rows = np.arange(len(truth))

    def surprise(log_heat: float) -> float:
        fit = log_softmax(logits / np.exp(log_heat), axis=1)[rows, truth].sum()
        return float(log_heat**2 / 2 - fit)

    found = minimize_scalar(surprise, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return float(np.exp(found.x))


@dataclass(frozen=True)
class Trust:
    """Expected calibration error, Brier score and the bars of a contestant; the first two of the champion too."""

    error: float
    brier: float
    bars: tuple[Bar, ...]
    champion_error: float | None = None
    champion_brier: float | None = None


def trust(labels: Sequence[str], challenger: Answers, champion: Answers | None) -> Trust | None:
    """On the same texts; none where the challenger knows other labels, and a champion that does is not compared."""
    if set(labels) - set(challenger.columns):
        return None
    error, spread, bars = _trusted(labels, challenger)
    if champion is None or set(labels) - set(champion.columns):
        return Trust(error, spread, bars)
    other = _trusted(labels, champion)
    return Trust(error, spread, bars, other[0], other[1])


def _trusted(labels: Sequence[str], answers: Answers) -> tuple[float, float, tuple[Bar, ...]]:
    truth = np.array([answers.columns.index(label) for label in labels])
    scores = answers.scores
    return calibration_error(scores, truth), brier(scores, truth), tuple(reliability(scores, truth))
