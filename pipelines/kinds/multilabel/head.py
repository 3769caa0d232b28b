"""Initial head from frozen embeddings: a logistic regression for each label."""

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

NEVER = -5.0  # log odds of a label without texts: about 1 in 150


def init_head(
    head: nn.Linear, embeddings: npt.NDArray[np.float32], targets: Tensor, weights: npt.NDArray[np.float64]
) -> None:
    """Set each row of the head to a logistic regression on centred embeddings, `(rows, hidden)`.

    A label that all texts have, or none, gets zero weights and a bias of fixed log odds.
    """
    centre = embeddings.mean(0)
    unit = max(float(np.sqrt(((embeddings - centre) ** 2).sum(1).mean())), 1e-9)
    with torch.no_grad():
        for label in range(targets.shape[1]):
            row, bias = _fit_label((embeddings - centre) / unit, targets[:, label].numpy() > 0, weights)
            head.weight[label] = torch.as_tensor(row / unit, dtype=head.weight.dtype)
            head.bias[label] = bias - float(row / unit @ centre)


def _fit_label(
    embeddings: npt.NDArray[np.float32], has: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], float]:
    if has.all() or not has.any():
        return np.zeros(embeddings.shape[1]), -NEVER if has.all() else NEVER
    regression = LogisticRegression(C=10.0, max_iter=1000)
    with threadpool_limits(1):
        regression.fit(embeddings, has, sample_weight=weights)
    return regression.coef_[0], float(regression.intercept_[0])
