"""Weighted cross-entropy over labels, of which each text has one."""

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import Tensor, nn

from pipelines.kinds.classification.head import warm as warm
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.kind import Checked, Indicators, Rows
from pipelines.kinds.labelled.label_counts import Values, macro_f1, weighed

UNKNOWN = -1  # the target of a text whose label nobody gave


def width(target: Labels) -> int:
    """One output a label."""
    return len(target.labels)


def encode(cells: Sequence[str], target: Labels) -> Tensor:
    """The index of each label, `(rows,)`."""
    return torch.tensor([target.labels.index(cell) for cell in cells], dtype=torch.long)


def losses(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """Cross-entropy per example, `(batch,)`."""
    return nn.functional.cross_entropy(
        logits, targets, reduction="none", label_smoothing=smoothing, ignore_index=UNKNOWN
    )


def distance(logits: Tensor, taught: Tensor, temperature: float) -> Tensor:
    """Distillation loss per example, `T^2 KL(teacher / T, student / T)` (Hinton, Vinyals and Dean, 2015)."""
    student, teacher = (logits / temperature).log_softmax(1), (taught / temperature).log_softmax(1)
    return nn.functional.kl_div(student, teacher, reduction="none", log_target=True).sum(1) * temperature**2


def disagreement(one: Tensor, other: Tensor) -> Tensor:
    """Symmetric divergence of two passes, `(KL(p, q) + KL(q, p)) / 2` per example (R-Drop: Wu and others, 2021)."""
    p, q = one.log_softmax(1), other.log_softmax(1)
    return ((p.exp() - q.exp()) * (p - q)).sum(1) / 2


def mean(logits: Sequence[Tensor]) -> Tensor:
    """The logarithm of the mean of the networks' probabilities, `(rows, labels)`."""
    return torch.stack([one.softmax(1) for one in logits]).mean(0).clamp(min=1e-9).log()


def groups(targets: Tensor) -> Tensor:
    """The index of the label."""
    return targets


def check(logits: Rows, targets: Tensor) -> Checked:
    """Macro-F1 over the labels that occur, and accuracy."""
    given, answered = targets.numpy(), np.argmax(logits, axis=1)
    score = float(f1_score(given, answered, average="macro", zero_division=0.0))
    return Checked(np.asarray(given == answered), score, float(np.mean(given == answered)))


def indicators(targets: Tensor, width: int) -> Indicators:
    """1 at the label."""
    return np.asarray(np.eye(width)[targets.numpy()])


def decided(logits: Tensor) -> Indicators:
    """1 at the most probable label."""
    return np.asarray(np.eye(logits.shape[1])[logits.argmax(1).numpy()])


def scored(weights: Indicators, truth: Indicators, decided: Indicators) -> Values:
    """Macro-F1 over the labels that occur in rows or answers."""
    return macro_f1(weighed(weights, truth, decided))
