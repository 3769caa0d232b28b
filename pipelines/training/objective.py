"""What is minimised: weighted cross-entropy, with R-Drop and a teacher's answers where the recipe asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pipelines.recipe import Recipe
from pipelines.training.network import Network


@dataclass(frozen=True)
class Examples:
    """Rows as the network takes them, their label indices, their weights, and a teacher's logits where there is one."""

    rows: Sequence[Tensor]
    labels: Tensor
    weights: Tensor
    taught: Tensor | None = None

    def chosen(self, batch: Sequence[int]) -> "Examples":
        """The examples at these indices."""
        at = torch.tensor(batch)
        taught = None if self.taught is None else self.taught[at]
        return Examples([self.rows[index] for index in batch], self.labels[at], self.weights[at], taught)


def loss_of(network: Network, part: Examples, recipe: Recipe, total: float) -> Tensor:
    """The loss of a part of a batch whose weights sum to `total`: the parts of a batch add up to the batch's loss."""
    labels, weights = part.labels.to(network.place), part.weights.to(network.place)
    if recipe.r_drop:
        one, other = network.logits([*part.rows, *part.rows]).chunk(2)
        losses = (_example(one, labels, part, recipe) + _example(other, labels, part, recipe)) / 2
        losses = losses + recipe.r_drop * disagreement(one, other)
    else:
        losses = _example(network.logits(part.rows), labels, part, recipe)
    return (losses * weights).sum() / max(total, 1e-9)


def _example(logits: Tensor, labels: Tensor, part: Examples, recipe: Recipe) -> Tensor:
    """Loss per example, `(batch,)`; labels of -1 are not known and leave only the teacher."""
    plain = nn.functional.cross_entropy(
        logits, labels, reduction="none", label_smoothing=recipe.label_smoothing, ignore_index=-1
    )
    if part.taught is None or recipe.ensemble is None:
        return plain
    share, temperature = recipe.ensemble.share, recipe.ensemble.temperature
    return (1 - share) * plain + share * distance(logits, part.taught.to(logits.device), temperature)


def distance(logits: Tensor, taught: Tensor, temperature: float) -> Tensor:
    """Distillation loss per example, `T^2 KL(teacher / T, student / T)` (Hinton, Vinyals and Dean, 2015)."""
    student, teacher = (logits / temperature).log_softmax(1), (taught / temperature).log_softmax(1)
    return nn.functional.kl_div(student, teacher, reduction="none", log_target=True).sum(1) * temperature**2


def disagreement(one: Tensor, other: Tensor) -> Tensor:
    """Symmetric divergence of two passes, `(KL(p, q) + KL(q, p)) / 2` per example (R-Drop: Wu and others, 2021)."""
    p, q = one.log_softmax(1), other.log_softmax(1)
    return ((p.exp() - q.exp()) * (p - q)).sum(1) / 2
