"""Weighted cross-entropy over labels, of which each text has one."""

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import Tensor, nn

from pipelines.kinds.classification.head import init_head as init_head
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.kind import CheckResult, Indicators, Rows
from pipelines.kinds.labelled.label_counts import Values, macro_f1, weighted_tally

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
