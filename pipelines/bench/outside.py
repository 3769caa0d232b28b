"""Texts that belong to no label: how well a network's own answers tell them apart."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp, softmax
from sklearn.metrics import roc_auc_score

from pipelines.bench.ours import Trained
from pipelines.bench.split import Split

Logits = npt.NDArray[np.float32]
# Higher for texts inside: Hendrycks and Gimpel (2017); Hendrycks and others (2022); Liu and others (2020).
SCORES: dict[str, Callable[[Logits], Logits]] = {
    "largest probability": lambda logits: np.asarray(softmax(logits, axis=1).max(1)),
    "largest logit": lambda logits: logits.max(1),
    "energy": lambda logits: np.asarray(logsumexp(logits, axis=1)),
}


def told(trained: Trained, split: Split, test: Logits) -> tuple[float, str]:
    """AUROC on test texts by the score that was best on validation texts, and its name."""
    inside, beyond = trained.logits(split.validation.texts), trained.logits(split.outside[0])
    chosen = max(SCORES, key=lambda name: auroc(inside, beyond, name))
    return auroc(test, trained.logits(split.outside[1]), chosen), chosen


def auroc(inside: Logits, beyond: Logits, name: str) -> float:
    """The chance that a text inside scores higher than one beyond."""
    scores = np.concatenate([SCORES[name](inside), SCORES[name](beyond)])
    return float(roc_auc_score(np.repeat([1, 0], [len(inside), len(beyond)]), scores))
