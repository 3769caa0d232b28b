"""Temperature, threshold of each label, and confidence threshold of a set, fitted on validation rows."""

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
ANSWERED_SHARE = 0.95  # share of the validation texts whose confidence is above the threshold
STEPS = np.linspace(0.1, 0.9, 17)
RESAMPLES = 200

Truth = npt.NDArray[np.bool_]
Probabilities = npt.NDArray[np.float64]


def fit(logits: Rows, cells: Sequence[str], card: Mapping[str, Any]) -> dict[str, Any]:
    """Return `temperature`, `thresholds` by label, and `threshold`, the confidence below which a set abstains."""
    target = LabelSets.of_card(card)
    truth = target.matrix(cells)
    temperature = _temperature(logits.astype(np.float64), truth)
    metadata = dict(card) | {"temperature": round(temperature, 4)}
    probabilities = reader(metadata).calibrate(logits).astype(np.float64)
    thresholds = [fit_threshold(probabilities[:, label], truth[:, label]) for label in range(truth.shape[1])]
    set_reader = reader(metadata | {"thresholds": thresholds})
    confidences = [set_reader.answer(row).score or 0.0 for row in probabilities.astype(np.float32)]
    return {
        "temperature": metadata["temperature"],
        "thresholds": thresholds,
        "threshold": float(np.quantile(confidences, 1 - ANSWERED_SHARE)),
    }


def scores(cells: Sequence[str], answers: Sequence[str], target: LabelSets) -> dict[str, float]:
    """Return macro-F1 and micro-F1 over the labels that occur, and the share of texts with exactly their labels."""
    return set_scores(target.matrix(cells), target.matrix(answers))


def _temperature(logits: Probabilities, truth: Truth) -> float:
    """Return the temperature with the highest likelihood; its logarithm has a normal prior around 0."""
    signed = np.where(truth, logits, -logits)

    def loss(log_temperature: float) -> float:
        return float(log_temperature**2 / 2 + np.logaddexp(0, -signed / np.exp(log_temperature)).sum() / truth.shape[1])

    bounds = np.log(COLDEST), np.log(HOTTEST)
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def fit_threshold(probabilities: Probabilities, truth: Truth) -> float:
    """Return the threshold nearest to one half whose F1 is within a standard error of the best F1."""
    draws = np.random.default_rng(7).multinomial(len(truth), np.full(len(truth), 1 / len(truth)), size=RESAMPLES)
    curves = np.array([_f1(np.vstack([np.ones(len(truth)), draws]), probabilities >= step, truth) for step in STEPS])
    plain, resampled = curves[:, 0], curves[:, 1:]
    best = int(np.argmax(plain))
    error = (resampled[best] - resampled).std(axis=1)
    as_good = STEPS[plain >= plain[best] - error]
    return round(float(as_good[np.argmin(np.abs(as_good - HALF))]), 4)


def _f1(weights: npt.NDArray[np.floating], predicted: Truth, truth: Truth) -> Probabilities:
    """Return the F1 of one label for each row of text weights; 0 if it neither occurs nor is predicted."""
    hits, total = weights @ (predicted & truth), weights @ (predicted.astype(float) + truth)
    return np.asarray(np.divide(2 * hits, total, out=np.zeros(len(weights)), where=total > 0))
