"""Weighted cross-entropy over labels, of which each text has one."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from pipelines.kinds.classification.target import Labels
from pipelines.kinds.kind import Rows
from pipelines.kinds.labelled.label_counts import Values, macro_f1, weighted_tally
from pipelines.kinds.objective import CheckResult, Indicators

UNKNOWN = -1  # the target of an unlabelled text


def width(target: Labels) -> int:
    """Return one output per label."""
    return len(target.labels)


def encode(cells: Sequence[str], target: Labels) -> Tensor:
    """Encode cells as label indices, `(rows,)`."""
    return torch.tensor([target.labels.index(cell) for cell in cells], dtype=torch.long)


def losses(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """Return the cross-entropy per example, `(batch,)`; 0 for an unlabelled text."""
    return nn.functional.cross_entropy(
        logits, targets, reduction="none", label_smoothing=smoothing, ignore_index=UNKNOWN
    )


def distance(logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """Return the distillation loss per example, `T^2 KL(teacher / T, student / T)` (Hinton, Vinyals and Dean, 2015)."""
    student, teacher = (logits / temperature).log_softmax(1), (teacher_logits / temperature).log_softmax(1)
    return nn.functional.kl_div(student, teacher, reduction="none", log_target=True).sum(1) * temperature**2


def disagreement(first: Tensor, second: Tensor) -> Tensor:
    """Return the divergence of two passes per example, `(KL(p, q) + KL(q, p)) / 2` (R-Drop: Wu and others, 2021)."""
    p, q = first.log_softmax(1), second.log_softmax(1)
    return ((p.exp() - q.exp()) * (p - q)).sum(1) / 2


def mean(logits: Sequence[Tensor]) -> Tensor:
    """Return the logarithm of the networks' mean probabilities, `(rows, labels)`."""
    return torch.stack([member.softmax(1) for member in logits]).mean(0).clamp(min=1e-9).log()


def groups(targets: Tensor) -> Tensor:
    """Return the label indices, which are the group numbers."""
    return targets


def check(logits: Rows, targets: Tensor) -> CheckResult:
    """Return the right rows, macro-F1 over the labels that occur, and accuracy."""
    truth, predicted = targets.numpy(), np.argmax(logits, axis=1)
    score = float(f1_score(truth, predicted, average="macro", zero_division=0.0))
    return CheckResult(np.asarray(truth == predicted), score, float(np.mean(truth == predicted)))


def indicators(targets: Tensor, width: int) -> Indicators:
    """Return 1 at the label of each row, `(rows, width)`."""
    return np.asarray(np.eye(width)[targets.numpy()])


def decisions(logits: Tensor) -> Indicators:
    """Return 1 at the most probable label of each row, `(rows, labels)`."""
    return np.asarray(np.eye(logits.shape[1])[logits.argmax(1).numpy()])


def resampled_scores(weights: Indicators, truth: Indicators, predicted: Indicators) -> Values:
    """Return macro-F1 in each resample, `(resamples,)`, over the labels that occur in rows or answers."""
    return macro_f1(weighted_tally(weights, truth, predicted))


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
