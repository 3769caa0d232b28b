"""Binary cross-entropy over labels, of which each text has any number."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from pipelines.kinds.kind import CheckResult, Indicators, Rows
from pipelines.kinds.labelled.label_counts import Values, macro_f1, weighted_tally
from pipelines.kinds.multilabel.head import init_head as init_head
from pipelines.kinds.multilabel.set_metrics import set_scores
from pipelines.kinds.multilabel.target import LabelSets


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
