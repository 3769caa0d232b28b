"""One step after another: loss, gradient, clipping, optimiser, schedule."""

import math

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from pipelines.catalog.recipe import Recipe
from pipelines.training.distribution.distributed import mean, world
from pipelines.training.distribution.sharding import quiet, share
from pipelines.training.network.device import scaler
from pipelines.training.network.network import Network
from pipelines.training.optimisation.adversarial import hardened, passes_of
from pipelines.training.optimisation.optimiser import optimiser, schedule
from pipelines.training.optimisation.training_objective import Examples, loss_of
from pipelines.training.optimisation.weight_average import WeightAverage


class Diverged(RuntimeError):
    """The loss is no number any more, or has risen far above where it began."""


class Descent:
    """What goes down: a network, its optimiser and how far it has come."""

    def __init__(self, network: Network, recipe: Recipe, steps: int, rate: float) -> None:
        self.network, self.recipe, self.rate = network, recipe, rate
        self.optimiser = optimiser(network.model, recipe, rate)
        self.scale = scaler(network.place, network.precision)
        self.schedule: LambdaLR = schedule(self.optimiser, recipe, steps)
        self.mean = WeightAverage(network.model, recipe.averaging)
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
        scale = self.scale.get_scale()
        self.scale.step(self.optimiser)
        self.scale.update()
        self.schedule.step()
        self.steps += 1
        if self.scale.get_scale() >= scale:  # in fp16 a step whose gradient is infinite is not taken
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
