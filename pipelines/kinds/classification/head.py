"""A head that starts from what frozen embeddings already tell, not from noise."""

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from torch import Tensor, nn


def warm(
    head: nn.Linear, embeddings: npt.NDArray[np.float32], targets: Tensor, weights: npt.NDArray[np.float64]
) -> None:
    """Set the head to a logistic regression on `(rows, hidden)` embeddings; labels not seen keep a low bias.

    It sees them around their mean, one unit away on average: encoders differ in the length of what they give and in
    how much all of it points one way (Ethayarajh, 2019), and the penalty should mean the same to each.
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
        seen = torch.as_tensor(regression.classes_, device=head.weight.device)
        head.weight[seen] = torch.as_tensor(rows, dtype=head.weight.dtype, device=head.weight.device)
        head.bias[seen] = torch.as_tensor(bias, dtype=head.bias.dtype, device=head.bias.device)
