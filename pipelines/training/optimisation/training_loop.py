"""The training loop: weighted descent through the whole schedule, with early stopping on significant losses."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch

from pipelines.catalog.recipe import Recipe
from pipelines.training.network.batches import shuffled_batches
from pipelines.training.network.network import Network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.descent import Descent
from pipelines.training.optimisation.early_stopping import Correct, EarlyStopping
from pipelines.training.optimisation.rate_finder import learning_rate
from pipelines.training.optimisation.training_objective import Examples

ProgressCallback = Callable[[int, int, float, float | None], None]  # step, steps, loss, validation score


@dataclass
class Curve:
    """Learning curve: `(step, loss)`, `(step, validation score)`, `(step, accuracy)`, and the learning rate."""

    loss: list[tuple[int, float]] = field(default_factory=list)
    score: list[tuple[int, float]] = field(default_factory=list)
    accuracy: list[tuple[int, float]] = field(default_factory=list)
    rate: float = 0.0


def training_loop(
    network: Network,
    train: Examples,
    validation: Examples,
    recipe: Recipe,
    progress: ProgressCallback,
    *,
    keep_initial: bool = True,
    meter: Meter | None = None,
) -> Curve:
    """Train in place; keep the last state, or an earlier one that is significantly better on validation rows.

    `keep_initial`: the initial state may be kept too. A champion that learns again must not keep it: the gate judges
    the new state, on more texts than validation has. Raises Diverged and OverBudget.
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    lengths = [len(row) for row in train.rows]
    steps = recipe.epochs * -(-len(lengths) // recipe.batch)
    curve = Curve(rate=learning_rate(network, train, recipe))
    descent = Descent(network, recipe, steps, curve.rate)
    meter = meter or Meter(recipe.budget)
    initial = _check(network, validation, curve, 0)
    stopping = EarlyStopping(network, recipe.patience, initial if keep_initial else None)
    for _ in range(recipe.epochs):
        network.model.train()
        for batch in shuffled_batches(lengths, recipe.batch, generator):
            curve.loss.append((descent.steps + 1, descent.step(train.select(batch))))
            progress(descent.steps, steps, curve.loss[-1][1], None)
            meter.check()
        with descent.weight_average.applied():
            stop = stopping.stop(_check(network, validation, curve, descent.steps))
        if len(validation.targets):
            progress(descent.steps, steps, curve.loss[-1][1], curve.score[-1][1])
        if stop:
            break
    stopping.restore()
    return curve


def _check(network: Network, validation: Examples, curve: Curve, step: int) -> Correct:
    """Right validation rows, `(rows,)`; appends score and accuracy to the curve."""
    if not len(validation.targets):
        return np.zeros(0, bool)
    check = validation.objective.check(network.predict(validation.rows), validation.targets)
    curve.score.append((step, check.score))
    curve.accuracy.append((step, check.accuracy))
    return check.right
