"""The training loop: weighted descent with warm-up and decay, stopped early, its best state restored."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from pipelines.recipe import Recipe
from pipelines.training.adversary import hardened, passes_of
from pipelines.training.averaging import RunningMean
from pipelines.training.batches import shuffled
from pipelines.training.cost import Meter
from pipelines.training.device import scaler
from pipelines.training.distributed import mean, world
from pipelines.training.network import Network
from pipelines.training.objective import Examples, loss_of
from pipelines.training.optimiser import optimiser, schedule
from pipelines.training.rate import rate_of
from pipelines.training.sharding import quiet, share

Watch = Callable[[int, int, float, float | None], None]


class Diverged(RuntimeError):
    """The loss is no number any more, or has risen far above where it began."""


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
    best = _Best(network, start if may_stay else -1.0)
    for _ in range(recipe.epochs):
        network.model.train()
        for batch in shuffled(lengths, recipe.batch, generator):
            curve.loss.append((climb.steps + 1, climb.step(train.chosen(batch))))
            watch(climb.steps, steps, curve.loss[-1][1], None)
            meter.check()
        with climb.mean.in_place():
            score = _checked(network, validation, curve, climb.steps)
            checks = best.stale(score) if len(validation.labels) else best.keep()
        watch(climb.steps, steps, curve.loss[-1][1], score)
        if checks >= recipe.patience:
            break
    best.restore()
    return curve


class Descent:
    """One step after another: loss, gradient, clipping, optimiser, schedule."""

    def __init__(self, network: Network, recipe: Recipe, steps: int, rate: float) -> None:
        self.network, self.recipe, self.rate = network, recipe, rate
        self.optimiser = optimiser(network.model, recipe, rate)
        self.scale = scaler(network.place, network.precision)
        self.schedule: LambdaLR = schedule(self.optimiser, recipe, steps)
        self.mean = RunningMean(network.model, recipe.averaging)
        self.weights = [weight for group in self.optimiser.param_groups for weight in group["params"]]
        self.steps, self.last, self.first, self.recent = 0, steps, math.nan, math.nan

    def step(self, batch: Examples) -> float:
        """Learn from one batch, in as many parts as the recipe says; its loss. Raises Diverged."""
        self.optimiser.zero_grad(set_to_none=True)
        # Processes that train together average their gradients: each answers for its rows' share of the mean.
        mine, total = share(batch), float(batch.weights.sum()) / world()
        size = -(-len(mine.rows) // self.recipe.accumulate)
        parts = [range(len(mine.rows))[start : start + size] for start in range(0, len(mine.rows), size)]
        loss = mean(
            sum(self._gather(mine.chosen(part), total, part is parts[-1]) for part in parts), self.network.place
        )
        self._watch(loss)
        self.scale.unscale_(self.optimiser)
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        self.scale.step(self.optimiser)
        self.scale.update()
        self.schedule.step()
        self.steps += 1
        self.network.model.attached.after_step(self.steps, self.last)
        self.mean.update()
        return loss

    def _gather(self, part: Examples, total: float, last: bool) -> float:
        """Add the gradient of a part, the `last` one of its batch or not; its share of the batch's loss."""
        passes, scale = iter(range(passes_of(self.recipe.adversary), 0, -1)), self.scale.get_scale()

        def compute() -> Tensor:
            with quiet(self.network.engine, last=last and next(passes) == 1):
                part_of_mean = float(part.weights.sum()) / max(total, 1e-9)
                loss = loss_of(self.network, part, self.recipe, total)
                return self.scale.scale(loss + part_of_mean * self.network.model.attached.penalty())

        if self.recipe.adversary:
            return hardened(self.network.entrance, compute, self.recipe.adversary).item() / scale
        loss = compute()
        loss.backward()
        return loss.item() / scale

    def _watch(self, loss: float) -> None:
        self.first = loss if math.isnan(self.first) else self.first
        self.recent = loss if math.isnan(self.recent) else 0.9 * self.recent + 0.1 * loss
        if not math.isfinite(loss) or self.recent > 3 * self.first + 3:
            raise Diverged(
                f"the loss became {loss:.3g} at step {self.steps + 1}; "
                f"lower the recipe's rate ({self.rate:g}) and train again, or let rate = 'found' pick one"
            )


def _checked(network: Network, validation: Examples, curve: Curve, step: int) -> float:
    """Macro-F1 over the labels that occur, noted with the accuracy; 0 without examples."""
    score = accuracy = 0.0
    if len(validation.labels):
        given, found = validation.labels.numpy(), np.argmax(network.scored(validation.rows), axis=1)
        score = float(f1_score(given, found, average="macro", zero_division=0.0))
        accuracy = float(np.mean(given == found))
    curve.score.append((step, score))
    curve.accuracy.append((step, accuracy))
    return score


class _Best:
    """The trainable state with the highest score, and for how many checks none was better."""

    def __init__(self, network: Network, score: float) -> None:
        self.network, self.score, self.checks = network, score, 0
        self.state = self._copy()

    def _copy(self) -> dict[str, Tensor]:
        learnt = {name for name, weight in self.network.model.named_parameters() if weight.requires_grad}
        state = self.network.model.state_dict()
        return {name: value.detach().clone() for name, value in state.items() if name in learnt}

    def stale(self, score: float) -> int:
        """Remember a better state; the number of checks since the best."""
        self.checks = 0 if score > self.score else self.checks + 1
        if not self.checks:
            self.score = score
            self.keep()
        return self.checks

    def keep(self) -> int:
        """Remember the state as the best there is."""
        self.state = self._copy()
        return 0

    def restore(self) -> None:
        """Put the best state back."""
        self.network.model.load_state_dict(self.state, strict=False)
