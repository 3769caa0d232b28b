"""Training objective: the weighted loss of a kind, with R-Drop and distillation where the recipe asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pipelines.catalog.recipe import Recipe
from pipelines.kinds.objective import Objective
from pipelines.training.network.network import Network


@dataclass(frozen=True)
class Examples:
    """Encoded rows, their targets `(rows, ...)` and weights `(rows,)`; `objective` is the loss of their kind.

    `teacher_logits` are those of an ensemble that is distilled.
    """

    rows: Sequence[Tensor]
    targets: Tensor
    weights: Tensor
    objective: Objective
    teacher_logits: Tensor | None = None

    def select(self, batch: Sequence[int]) -> "Examples":
        """The examples at these indices."""
        indices = torch.tensor(batch)
        teacher_logits = None if self.teacher_logits is None else self.teacher_logits[indices]
        rows = [self.rows[index] for index in batch]
        return Examples(rows, self.targets[indices], self.weights[indices], self.objective, teacher_logits)

    @property
    def groups(self) -> Tensor:
        """Group number per row, `(rows,)`, equal for equal targets; -1 for an unknown target."""
        return self.objective.groups(self.targets)


def batch_loss(network: Network, part: Examples, recipe: Recipe, total: float) -> Tensor:
    """Loss of a part of a batch whose weights sum to `total`: the parts add up to the batch's loss."""
    targets, weights = part.targets.to(network.device), part.weights.to(network.device)
    if recipe.r_drop:
        first, second = network.logits([*part.rows, *part.rows]).chunk(2)
        losses = (_example_losses(first, targets, part, recipe) + _example_losses(second, targets, part, recipe)) / 2
        losses = losses + recipe.r_drop * part.objective.disagreement(first, second)
    else:
        losses = _example_losses(network.logits(part.rows), targets, part, recipe)
    return (losses * weights).sum() / max(total, 1e-9)


def _example_losses(logits: Tensor, targets: Tensor, part: Examples, recipe: Recipe) -> Tensor:
    """Loss per example, `(batch,)`; an unknown target leaves the teacher's part only."""
    plain = part.objective.losses(logits, targets, recipe.label_smoothing)
    if part.teacher_logits is None or recipe.ensemble is None:
        return plain
    share, temperature = recipe.ensemble.share, recipe.ensemble.temperature
    teacher_logits = part.teacher_logits.to(logits.device)
    return (1 - share) * plain + share * part.objective.distance(logits, teacher_logits, temperature)
