"""Initial head from frozen embeddings, instead of random weights."""

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from torch import Tensor, nn


def init_head(
    head: nn.Linear, embeddings: npt.NDArray[np.float32], targets: Tensor, weights: npt.NDArray[np.float64]
) -> None:
    """Set the head to a logistic regression on embeddings, `(rows, hidden)`; labels without rows keep a low bias.

    Embeddings are centred and scaled to a mean length of 1: encoders differ in the length and the common direction of
    their embeddings (Ethayarajh, 2019), and the penalty should have the same effect for each.
    """
    centre = embeddings.mean(0)
    unit = max(float(np.sqrt(((embeddings - centre) ** 2).sum(1).mean())), 1e-9)
    regression = LogisticRegression(C=10.0, max_iter=1000)
    with threadpool_limits(1):  # its steps are small: on two threads it took twice as long
        regression.fit((embeddings - centre) / unit, targets.numpy(), sample_weight=weights)
    rows = regression.coef_ / unit
    bias = regression.intercept_ - rows @ centre
    if len(regression.classes_) == 2:  # sklearn keeps one row for two classes
        rows, bias = np.vstack([-rows, rows]) / 2, np.concatenate([-bias, bias]) / 2
    with torch.no_grad():
        head.weight.zero_()
        head.bias.fill_(float(bias.min()) - 5.0)
        classes = torch.as_tensor(regression.classes_, device=head.weight.device)
        head.weight[classes] = torch.as_tensor(rows, dtype=head.weight.dtype, device=head.weight.device)
        head.bias[classes] = torch.as_tensor(bias, dtype=head.bias.dtype, device=head.bias.device)
