"""Temperature scaling, and the confidence threshold below which a model abstains."""

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
ANSWERED_SHARE = 0.95  # share of the validation texts whose confidence is above the threshold


def fit(logits: Rows, cells: Sequence[str], card: Mapping[str, Any]) -> dict[str, Any]:
    """Return `temperature` and `threshold` for the metadata of the package."""
    outputs, labels = logits.astype(np.float64), list(card["labels"])
    temperature = fit_temperature(outputs, np.array([labels.index(cell) for cell in cells]))
    powers = np.exp((outputs - outputs.max(1, keepdims=True)) / temperature)
    confidences = (powers / powers.sum(1, keepdims=True)).max(1)
    return {"temperature": round(temperature, 4), "threshold": float(np.quantile(confidences, 1 - ANSWERED_SHARE))}


def scores(cells: Sequence[str], answers: Sequence[str], _: Target) -> dict[str, float]:
    """Return macro-F1 over the labels that occur, and accuracy."""
    macro_f1 = float(f1_score(cells, answers, average="macro", zero_division=0.0))
    return {"macro_f1": macro_f1, "accuracy": float(np.mean(list(map(eq, cells, answers))))}


def fit_temperature(logits: npt.NDArray[np.floating], truth: npt.NDArray[np.integer]) -> float:
    """Return the temperature with the highest likelihood (Guo and others, 2017), or 1 without rows.

    Its logarithm has a normal prior around 0 with the weight of one text: a few right texts do not make it certain.
    """
    if not len(truth):
        return 1.0
    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        likelihood = log_softmax(logits / np.exp(log_temperature), axis=1)[rows, truth].sum()
        return float(log_temperature**2 / 2 - likelihood)

    result = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return float(np.exp(result.x))
