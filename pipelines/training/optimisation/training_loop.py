"""The training loop: weighted descent through the whole schedule, with early stopping on significant losses only."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pipelines.catalog.recipe import Recipe
from pipelines.statistics.significance import Pairs
from pipelines.training.network.batches import shuffled_batches
from pipelines.training.network.network import Network
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.descent import Descent
from pipelines.training.optimisation.optimiser import learning_rate
from pipelines.training.optimisation.training_objective import Examples

SIGNIFICANCE = 0.01  # low, since a run has several checks
Correct = npt.NDArray[np.bool_]
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


def significantly_worse(right: Correct, before: Correct) -> bool:
    """True if more of the same rows went wrong than chance explains: McNemar's exact test, one side."""
    gained, lost = int((right & ~before).sum()), int((before & ~right).sum())
    return Pairs(gained, lost).p_worse < SIGNIFICANCE


class EarlyStopping:
    """Keeps the last state of the network, unless an earlier state is significantly better on validation rows.

    A check takes which validation rows are right, `(rows,)`; without rows nothing is ever significant. The start may be
    restored, but patience does not count from it: a warm head is often better than the first epochs after it.
    """

    def __init__(self, network: Network, patience: int, start: Correct | None) -> None:
        self.network, self.patience = network, patience
        self.last = self.best = (start, self._copy())
        self.peak: Correct | None = None
        self.worse = 0  # checks in a row

    def stop(self, right: Correct) -> bool:
        """Record a check; True after `patience` checks in a row that are significantly worse than the best one."""
        self.last = right, self._copy()
        if self.best[0] is None or right.sum() >= self.best[0].sum():
            self.best = self.last
        if self.peak is None or right.sum() >= self.peak.sum():
            self.peak = right
        self.worse = self.worse + 1 if significantly_worse(right, self.peak) else 0
        return self.worse >= self.patience

    def restore(self) -> None:
        """Load the kept state into the network."""
        (last, state), (best, earlier) = self.last, self.best
        better = last is not None and best is not None and significantly_worse(last, best)
        self.network.model.load_state_dict(earlier if better else state, strict=False)

    def _copy(self) -> dict[str, Tensor]:
        trainable = {name for name, weight in self.network.model.named_parameters() if weight.requires_grad}
        state = self.network.model.state_dict()
        return {name: value.detach().clone() for name, value in state.items() if name in trainable}
