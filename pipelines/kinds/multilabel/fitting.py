"""A temperature, a threshold for each label, and how sure the model must be of a set: fitted on validation rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from pipelines.kinds.kind import Rows
from pipelines.kinds.multilabel.reader import HALF, reader
from pipelines.kinds.multilabel.set_metrics import set_scores
from pipelines.kinds.multilabel.target import LabelSets

COLDEST, HOTTEST = 0.05, 20.0
KEPT = 0.95  # of the validation texts are answered with more confidence than the least
STEPS = np.linspace(0.1, 0.9, 17)
RESAMPLES = 200

Truth = npt.NDArray[np.bool_]
Chances = npt.NDArray[np.float64]


def fit(logits: Rows, cells: Sequence[str], card: Mapping[str, Any]) -> dict[str, Any]:
    """`temperature`, `thresholds` by label, and `threshold`: with less confidence in a set nobody should act on it."""
    target = LabelSets.of_card(card)
    truth = target.matrix(cells)
    heat = _temperature(logits.astype(np.float64), truth)
    warm = dict(card) | {"temperature": round(heat, 4)}
    chances = reader(warm).calibrated(logits).astype(np.float64)
    thresholds = [threshold(chances[:, label], truth[:, label]) for label in range(truth.shape[1])]
    judge = reader(warm | {"thresholds": thresholds})
    sure = [judge.answer(row).score or 0.0 for row in chances.astype(np.float32)]
    return {
        "temperature": warm["temperature"],
        "thresholds": thresholds,
        "threshold": float(np.quantile(sure, 1 - KEPT)),
    }


def scores(cells: Sequence[str], answers: Sequence[str], target: LabelSets) -> dict[str, float]:
    """Macro-F1 and micro-F1 over the labels that occur, and the share of texts with exactly their labels."""
    return set_scores(target.matrix(cells), target.matrix(answers))


def _temperature(logits: Chances, truth: Truth) -> float:
    """What to divide logits by so that their likelihood is highest; its logarithm is expected around 0."""
    signed = np.where(truth, logits, -logits)

    def surprise(log_heat: float) -> float:
        return float(log_heat**2 / 2 + np.logaddexp(0, -signed / np.exp(log_heat)).sum() / truth.shape[1])

    bounds = np.log(COLDEST), np.log(HOTTEST)
    return float(np.exp(minimize_scalar(surprise, bounds=bounds, method="bounded").x))


def threshold(chances: Chances, truth: Truth) -> float:
    """The threshold nearest to a half whose F1 is within a standard error of the best one's."""
    draws = np.random.default_rng(7).multinomial(len(truth), np.full(len(truth), 1 / len(truth)), size=RESAMPLES)
    curves = np.array([_f1(np.vstack([np.ones(len(truth)), draws]), chances >= step, truth) for step in STEPS])
    plain, resampled = curves[:, 0], curves[:, 1:]
    best = int(np.argmax(plain))
    error = (resampled[best] - resampled).std(axis=1)
    as_good = STEPS[plain >= plain[best] - error]
    return round(float(as_good[np.argmin(np.abs(as_good - HALF))]), 4)


def _f1(weights: npt.NDArray[np.floating], answered: Truth, truth: Truth) -> Chances:
    """Of one label, for each row of weights of the texts; 0 where it is neither there nor answered."""
    hits, total = weights @ (answered & truth), weights @ (answered.astype(float) + truth)
    return np.asarray(np.divide(2 * hits, total, out=np.zeros(len(weights)), where=total > 0))
