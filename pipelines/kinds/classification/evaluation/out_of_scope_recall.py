"""Separation of out-of-scope texts from texts about the labels, by confidence."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

Confidences = npt.NDArray[np.floating]


@dataclass(frozen=True)
class OutOfScopeScores:
    """Recall (the share under the confidence `threshold`) and ROC AUC on `outside` out-of-scope texts.

    The threshold was chosen on validation texts; `kept` is the share of test texts that reach it.
    """

    outside: int
    threshold: float
    recall: float
    auroc: float
    kept: float


def out_of_scope_scores(inside: Confidences, outside: Confidences, threshold: float) -> OutOfScopeScores:
    """Score the confidences in texts about the labels and in out-of-scope texts (Hendrycks and Gimpel, 2017)."""
    truth = np.concatenate([np.zeros(len(inside)), np.ones(len(outside))])
    nan = float("nan")
    auroc = float(roc_auc_score(truth, -np.concatenate([inside, outside]))) if len(inside) and len(outside) else nan
    recall = float((outside < threshold).mean()) if len(outside) else nan
    inside_share = float((inside >= threshold).mean()) if len(inside) else 0.0
    return OutOfScopeScores(len(outside), threshold, recall, auroc, inside_share)
