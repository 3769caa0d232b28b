"""Whether texts that are about none of the labels are told from those that are."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

Confidences = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Scope:
    """Of so many texts outside: the share under the confidence `threshold`, and the area under the ROC curve.

    The threshold was chosen on validation texts of the labels; `kept` is the share of test texts that reach it.
    """

    outside: int
    threshold: float
    recall: float
    auroc: float
    kept: float


def scope(sure: Confidences, unsure: Confidences, threshold: float) -> Scope:
    """By the confidence in texts inside and outside, as the service abstains (Hendrycks and Gimpel, 2017)."""
    told = np.concatenate([np.zeros(len(sure)), np.ones(len(unsure))])
    auroc = float(roc_auc_score(told, -np.concatenate([sure, unsure]))) if len(sure) and len(unsure) else float("nan")
    recall = float((unsure < threshold).mean()) if len(unsure) else float("nan")
    return Scope(len(unsure), threshold, recall, auroc, float((sure >= threshold).mean()) if len(sure) else 0.0)
