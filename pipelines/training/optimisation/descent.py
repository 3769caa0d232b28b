"""Optimiser steps: loss, gradient, clipping, optimiser, schedule, and the moving average of the weights."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from pipelines.catalog.recipe import Recipe
from pipelines.training.distribution.distributed import mean_of_processes, world_size
from pipelines.training.distribution.sharding import gradient_sync, own_share
from pipelines.training.network.device import make_grad_scaler
from pipelines.training.network.network import Network
from pipelines.training.optimisation.optimiser import make_optimiser, make_schedule
from pipelines.training.optimisation.training_objective import (
    Examples,
    adversarial_backward,
    batch_loss,
    forward_passes,
)


class Diverged(RuntimeError):
    """The loss is not finite, or has risen far above its first value."""


class Descent:
    """Optimisation state of one training: network, optimiser, schedule, weight average and step count."""

    def __init__(self, network: Network, recipe: Recipe, steps: int, rate: float) -> None:
        self.network, self.recipe, self.rate = network, recipe, rate
        self.optimiser = make_optimiser(network.model, recipe, rate)
        self.grad_scaler = make_grad_scaler(network.device, network.precision)
        self.schedule: LambdaLR = make_schedule(self.optimiser, recipe, steps)
        self.weight_average = WeightAverage(network.model, recipe.averaging)
        self.weights = [weight for group in self.optimiser.param_groups for weight in group["params"]]
        self.steps, self.total_steps, self.first_loss, self.recent_loss = 0, steps, math.nan, math.nan

    def step(self, batch: Examples) -> float:
        """Take one optimiser step on a batch, in `recipe.accumulate` parts; return its loss. Raises Diverged."""
        self.optimiser.zero_grad(set_to_none=True)
        # Processes that train together average their gradients: each scales its loss by its share of the weights.
        own_rows, total = own_share(batch), float(batch.weights.sum()) / world_size()
        size = -(-len(own_rows.rows) // self.recipe.accumulate)
        parts = [range(len(own_rows.rows))[start : start + size] for start in range(0, len(own_rows.rows), size)]
        loss = mean_of_processes(
            sum(self._accumulate(own_rows.select(part), total, part is parts[-1]) for part in parts),
            self.network.device,
        )
        self._check_divergence(loss)
        self.grad_scaler.unscale_(self.optimiser)
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        scale = self.grad_scaler.get_scale()
        self.grad_scaler.step(self.optimiser)
        self.grad_scaler.update()
        self.schedule.step()
        self.steps += 1
        if self.grad_scaler.get_scale() >= scale:  # in fp16 a step with an infinite gradient is skipped
            self.network.model.adapter.after_step(self.steps, self.total_steps)
            self.weight_average.update()
        return loss

    def _accumulate(self, part: Examples, total: float, last: bool) -> float:
        """Accumulate the gradient of a part (`last`: of its batch); return its share of the batch's loss."""
        passes_left, scale = iter(range(forward_passes(self.recipe.adversary), 0, -1)), self.grad_scaler.get_scale()

        def compute() -> Tensor:
            with gradient_sync(self.network.parallel_model, last=last and next(passes_left) == 1):
                part_of_mean = float(part.weights.sum()) / max(total, 1e-9)
                loss = batch_loss(self.network, part, self.recipe, total)
                return self.grad_scaler.scale(loss + part_of_mean * self.network.model.adapter.penalty())

        if self.recipe.adversary:
            return adversarial_backward(self.network.input_module, compute, self.recipe.adversary).item() / scale
        loss = compute()
        loss.backward()
        return loss.item() / scale

    def _check_divergence(self, loss: float) -> None:
        self.first_loss = loss if math.isnan(self.first_loss) else self.first_loss
        self.recent_loss = loss if math.isnan(self.recent_loss) else 0.9 * self.recent_loss + 0.1 * loss
        if not math.isfinite(loss) or self.recent_loss > 3 * self.first_loss + 3:
            raise Diverged(
                f"the loss became {loss:.3g} at step {self.steps + 1}; "
                f"lower the recipe's rate ({self.rate:g}) or set rate = 'found', then run: needloop train MODEL"
            )


class WeightAverage:
    """Exponential mean of the trainable weights (Polyak and Juditsky, 1992); a small decay at first drops the start."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.weights = [weight for weight in model.parameters() if weight.requires_grad] if decay else []
        self.mean: list[Tensor] = [weight.detach().clone() for weight in self.weights]
        self.decay, self.steps = decay, 0

    def update(self) -> None:
        """Add the weights after a step to the mean."""
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 9))
        if self.weights:
            torch._foreach_lerp_(self.mean, [weight.detach() for weight in self.weights], 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within, the model has the mean in place of its weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for weight, mean in zip(self.weights, self.mean, strict=True):
            current = weight.detach().clone()
            weight.copy_(mean)
            mean.copy_(current)
