"""Binary cross-entropy over labels, of which each text has any number."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from pipelines.kinds.kind import Rows
from pipelines.kinds.labelled.label_counts import Values, macro_f1, weighted_tally
from pipelines.kinds.multilabel.set_metrics import set_scores
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.kinds.objective import CheckResult, Indicators

NEVER = -5.0  # log odds of a label without texts: about 1 in 150


def width(target: LabelSets) -> int:
    """Return one output per label."""
    return len(target.labels)


def encode(cells: Sequence[str], target: LabelSets) -> Tensor:
    """Encode cells as 1 for each label of a text, `(rows, labels)`."""
    return torch.from_numpy(target.matrix(cells).astype(np.float32))


def losses(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """Return the binary cross-entropy per example, the mean over its labels, `(batch,)`."""
    smooth = targets * (1 - smoothing) + smoothing / 2
    return nn.functional.binary_cross_entropy_with_logits(logits, smooth, reduction="none").mean(1)


def distance(logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """Return `T^2` times the mean divergence of the labels, per example (Hinton, Vinyals and Dean, 2015)."""
    teacher = (teacher_logits / temperature).sigmoid()
    student = nn.functional.binary_cross_entropy_with_logits(logits / temperature, teacher, reduction="none")
    entropy = nn.functional.binary_cross_entropy(teacher, teacher, reduction="none")
    return (student - entropy).mean(1) * temperature**2


def disagreement(first: Tensor, second: Tensor) -> Tensor:
    """Return the divergence of two passes per example, the mean over its labels (R-Drop: Wu and others, 2021)."""
    return ((first.sigmoid() - second.sigmoid()) * (first - second)).mean(1) / 2


def mean(logits: Sequence[Tensor]) -> Tensor:
    """Return the log odds of the networks' mean probabilities, `(rows, labels)`."""
    return torch.stack([member.sigmoid() for member in logits]).mean(0).clamp(1e-9, 1 - 1e-7).logit()


def groups(targets: Tensor) -> Tensor:
    """Return a number per row, `(rows,)`, equal for equal sets of labels."""
    return torch.unique(targets, dim=0, return_inverse=True)[1] if len(targets) else torch.zeros(0, dtype=torch.long)


def check(logits: Rows, targets: Tensor) -> CheckResult:
    """Return the right rows, macro-F1 over the labels that occur, and the share of texts with exactly their labels."""
    truth, predicted = targets.numpy() > 0, logits > 0
    scores = set_scores(truth, predicted)
    return CheckResult((truth == predicted).all(1), scores["macro_f1"], scores["accuracy"])


def indicators(targets: Tensor, _width: int) -> Indicators:
    """Return 1 for each label of a text, `(rows, labels)`."""
    return targets.numpy().astype(np.float64)


def decisions(logits: Tensor) -> Indicators:
    """Return 1 for each label with a probability above one half, `(rows, labels)`."""
    return (logits.numpy() > 0).astype(np.float64)


def resampled_scores(weights: Indicators, truth: Indicators, predicted: Indicators) -> Values:
    """Return macro-F1 in each resample, `(resamples,)`, over the labels that occur in rows or answers."""
    return macro_f1(weighted_tally(weights, truth, predicted))


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
