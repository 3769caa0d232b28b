"""The training loop: weighted descent through the whole schedule; stopped early only where rows can tell."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch

from pipelines.catalog.recipe import Recipe
from pipelines.training.network.batches import shuffled
from pipelines.training.network.network import Network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.descent import Descent
from pipelines.training.optimisation.early_stopping import EarlyStopping, Right
from pipelines.training.optimisation.rate_finder import rate_of
from pipelines.training.optimisation.training_objective import Examples

Watch = Callable[[int, int, float, float | None], None]


@dataclass
class Curve:
    """What was seen: `(step, loss)`, `(step, validation score)` and accuracy, and the rate it learnt at."""

    loss: list[tuple[int, float]] = field(default_factory=list)
    score: list[tuple[int, float]] = field(default_factory=list)
    accuracy: list[tuple[int, float]] = field(default_factory=list)
    rate: float = 0.0


def descend(
    network: Network,
    train: Examples,
    validation: Examples,
    recipe: Recipe,
    watch: Watch,
    *,
    may_stay: bool = True,
    meter: Meter | None = None,
) -> Curve:
    """Train in place and leave the network in its last state, or in an earlier one that validation shows is better.

    `may_stay`: the state it started in is one of those. A champion that learns again must move: whether it moved to a
    better place is for the gate to say, on more texts than validation has. Raises Diverged and OverBudget.
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    lengths = [len(row) for row in train.rows]
    steps = recipe.epochs * -(-len(lengths) // recipe.batch)
    curve = Curve(rate=rate_of(network, train, recipe))
    climb = Descent(network, recipe, steps, curve.rate)
    meter = meter or Meter(recipe.budget)
    start = _checked(network, validation, curve, 0)
    stopping = EarlyStopping(network, recipe.patience, start if may_stay else None)
    for _ in range(recipe.epochs):
        network.model.train()
        for batch in shuffled(lengths, recipe.batch, generator):
            curve.loss.append((climb.steps + 1, climb.step(train.chosen(batch))))
            watch(climb.steps, steps, curve.loss[-1][1], None)
            meter.check()
        with climb.mean.in_place():
            stops = stopping.stop(_checked(network, validation, curve, climb.steps))
        if len(validation.targets):
            watch(climb.steps, steps, curve.loss[-1][1], curve.score[-1][1])
        if stops:
            break
    stopping.restore()
    return curve


def _checked(network: Network, validation: Examples, curve: Curve, step: int) -> Right:
    """Which examples are right, `(rows,)`; the score of their kind and accuracy are noted."""
    if not len(validation.targets):
        return np.zeros(0, bool)
    checked = validation.objective.check(network.scored(validation.rows), validation.targets)
    curve.score.append((step, checked.score))
    curve.accuracy.append((step, checked.accuracy))
    return checked.right
