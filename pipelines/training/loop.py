"""The training loop: weighted descent with warm-up and decay, stopped early, its best state restored."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from sklearn.metrics import f1_score

from pipelines.recipe import Recipe
from pipelines.training.batches import shuffled
from pipelines.training.best import Best
from pipelines.training.cost import Meter
from pipelines.training.descent import Descent
from pipelines.training.network import Network
from pipelines.training.objective import Examples
from pipelines.training.rate import rate_of

Watch = Callable[[int, int, float, float | None], None]


@dataclass
class Curve:
    """What was seen: `(step, loss)`, `(step, validation macro-F1)` and accuracy, and the rate it learnt at."""

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
    """Train in place and leave the network in its best state by validation macro-F1; without validation, in its last.

    `may_stay`: the state it started in is one of the candidates. A champion that learns again must move: whether it
    moved to a better place is for the gate to say, on more texts than validation has. Raises Diverged and OverBudget.
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    lengths = [len(row) for row in train.rows]
    steps = recipe.epochs * -(-len(lengths) // recipe.batch)
    curve = Curve(rate=rate_of(network, train, recipe))
    climb = Descent(network, recipe, steps, curve.rate)
    meter = meter or Meter(recipe.budget)
    start = _checked(network, validation, curve, 0)
    best = Best(network, start if may_stay else -1.0)
    for _ in range(recipe.epochs):
        network.model.train()
        for batch in shuffled(lengths, recipe.batch, generator):
            curve.loss.append((climb.steps + 1, climb.step(train.chosen(batch))))
            watch(climb.steps, steps, curve.loss[-1][1], None)
            meter.check()
        with climb.mean.in_place():
            score = _checked(network, validation, curve, climb.steps)
            checks = best.stale(score) if len(validation.labels) else best.keep()
        if len(validation.labels):
            watch(climb.steps, steps, curve.loss[-1][1], score)
        if checks >= recipe.patience:
            break
    best.restore()
    return curve


def _checked(network: Network, validation: Examples, curve: Curve, step: int) -> float:
    """Macro-F1 over the labels that occur, noted with the accuracy; 0 and no note without examples."""
    if not len(validation.labels):
        return 0.0
    given, found = validation.labels.numpy(), np.argmax(network.scored(validation.rows), axis=1)
    score = float(f1_score(given, found, average="macro", zero_division=0.0))
    curve.score.append((step, score))
    curve.accuracy.append((step, float(np.mean(given == found))))
    return score
