"""Confidences that mean what they say, and the confidence below which nobody should act."""

from collections.abc import Mapping, Sequence
from operator import eq
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.metrics import f1_score

from pipelines.kinds.kind import Rows
from pipelines.kinds.target import Target

COLDEST, HOTTEST = 0.05, 20.0
KEPT = 0.95  # of the validation texts are answered with more confidence than the threshold


def fit(logits: Rows, cells: Sequence[str], card: Mapping[str, Any]) -> dict[str, Any]:
    """`temperature` and `threshold`."""
    outputs, labels = logits.astype(np.float64), list(card["labels"])
    heat = temperature(outputs, np.array([labels.index(cell) for cell in cells]))
    powers = np.exp((outputs - outputs.max(1, keepdims=True)) / heat)
    sure = (powers / powers.sum(1, keepdims=True)).max(1)
    return {"temperature": round(heat, 4), "threshold": float(np.quantile(sure, 1 - KEPT))}


def scores(cells: Sequence[str], answers: Sequence[str], _: Target) -> dict[str, float]:
    """Macro-F1 over the labels that occur, and accuracy."""
    macro_f1 = float(f1_score(cells, answers, average="macro", zero_division=0.0))
    return {"macro_f1": macro_f1, "accuracy": float(np.mean(list(map(eq, cells, answers))))}


def temperature(logits: npt.NDArray[np.floating], truth: npt.NDArray[np.integer]) -> float:
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
