"""Weighted binary cross-entropy over labels, of which each text has any number."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from pipelines.kinds.kind import Checked, Indicators, Rows
from pipelines.kinds.labelled.label_counts import Values, macro_f1, weighed
from pipelines.kinds.multilabel.head import warm as warm
from pipelines.kinds.multilabel.set_metrics import set_scores
from pipelines.kinds.multilabel.target import LabelSets


def width(target: LabelSets) -> int:
    """One output a label."""
    return len(target.labels)


def encode(cells: Sequence[str], target: LabelSets) -> Tensor:
    """1 where a text has the label, `(rows, labels)`."""
    return torch.from_numpy(target.matrix(cells).astype(np.float32))


def losses(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """Binary cross-entropy per example, the mean over its labels, `(batch,)`."""
    smooth = targets * (1 - smoothing) + smoothing / 2
    return nn.functional.binary_cross_entropy_with_logits(logits, smooth, reduction="none").mean(1)


def distance(logits: Tensor, taught: Tensor, temperature: float) -> Tensor:
    """Distillation loss per example, `T^2` times the mean divergence of its labels (Hinton, Vinyals and Dean, 2015)."""
    teacher = (taught / temperature).sigmoid()
    student = nn.functional.binary_cross_entropy_with_logits(logits / temperature, teacher, reduction="none")
    entropy = nn.functional.binary_cross_entropy(teacher, teacher, reduction="none")
    return (student - entropy).mean(1) * temperature**2


def disagreement(one: Tensor, other: Tensor) -> Tensor:
    """Symmetric divergence of two passes per example, the mean over its labels (R-Drop: Wu and others, 2021)."""
    return ((one.sigmoid() - other.sigmoid()) * (one - other)).mean(1) / 2


def mean(logits: Sequence[Tensor]) -> Tensor:
    """The log odds of the mean of the networks' probabilities, `(rows, labels)`."""
    return torch.stack([one.sigmoid() for one in logits]).mean(0).clamp(1e-9, 1 - 1e-7).logit()


def groups(targets: Tensor) -> Tensor:
    """A number for each set of labels."""
    return torch.unique(targets, dim=0, return_inverse=True)[1] if len(targets) else torch.zeros(0, dtype=torch.long)


def check(logits: Rows, targets: Tensor) -> Checked:
    """Macro-F1 over the labels that occur, and the share of texts with exactly their labels."""
    given, answered = targets.numpy() > 0, logits > 0
    scores = set_scores(given, answered)
    return Checked((given == answered).all(1), scores["macro_f1"], scores["accuracy"])


def indicators(targets: Tensor, _width: int) -> Indicators:
    """1 where a text has the label."""
    return targets.numpy().astype(np.float64)


def decided(logits: Tensor) -> Indicators:
    """1 where a label is more probable than not."""
    return (logits.numpy() > 0).astype(np.float64)


def scored(weights: Indicators, truth: Indicators, decided: Indicators) -> Values:
    """Macro-F1 over the labels that occur in rows or answers."""
    return macro_f1(weighed(weights, truth, decided))
