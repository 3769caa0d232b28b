"""What is minimised: the weighted loss of a kind, with R-Drop and a teacher's answers where a recipe asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pipelines.catalog.recipe import Recipe
from pipelines.kinds.kind import Objective
from pipelines.training.network.network import Network


@dataclass(frozen=True)
class Examples:
    """Rows as the network takes them, their targets `(rows, ...)` and weights; `objective` is how their kind learns.

    `taught` are a teacher's logits, where there is one.
    """

    rows: Sequence[Tensor]
    targets: Tensor
    weights: Tensor
    objective: Objective
    taught: Tensor | None = None

    def chosen(self, batch: Sequence[int]) -> "Examples":
        """The examples at these indices."""
        at = torch.tensor(batch)
        taught = None if self.taught is None else self.taught[at]
        rows = [self.rows[index] for index in batch]
        return Examples(rows, self.targets[at], self.weights[at], self.objective, taught)

    @property
    def groups(self) -> Tensor:
        """A number per row, `(rows,)`, equal for equal targets; -1 where the target is not known."""
        return self.objective.groups(self.targets)


def loss_of(network: Network, part: Examples, recipe: Recipe, total: float) -> Tensor:
    """The loss of a part of a batch whose weights sum to `total`: the parts of a batch add up to the batch's loss."""
    targets, weights = part.targets.to(network.place), part.weights.to(network.place)
    if recipe.r_drop:
        one, other = network.logits([*part.rows, *part.rows]).chunk(2)
        losses = (_example(one, targets, part, recipe) + _example(other, targets, part, recipe)) / 2
        losses = losses + recipe.r_drop * part.objective.disagreement(one, other)
    else:
        losses = _example(network.logits(part.rows), targets, part, recipe)
    return (losses * weights).sum() / max(total, 1e-9)


def _example(logits: Tensor, targets: Tensor, part: Examples, recipe: Recipe) -> Tensor:
    """Loss per example, `(batch,)`; a target that is not known leaves only the teacher."""
    plain = part.objective.losses(logits, targets, recipe.label_smoothing)
    if part.taught is None or recipe.ensemble is None:
        return plain
    share, temperature = recipe.ensemble.share, recipe.ensemble.temperature
    taught = part.taught.to(logits.device)
    return (1 - share) * plain + share * part.objective.distance(logits, taught, temperature)
