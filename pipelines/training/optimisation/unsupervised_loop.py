"""Descent without labels to check by: what comes before the fine-tuning proper."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from pipelines.catalog.recipe import Recipe
from pipelines.training.network.device import scaler
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.descent import Diverged
from pipelines.training.optimisation.optimiser import optimiser, schedule
from pipelines.training.optimisation.training_loop import Watch

Batch = TypeVar("Batch")


def unsupervised_loop(
    model: Any,
    batches: Sequence[Batch],
    losses_of: Callable[[Batch], Iterable[Tensor]],
    recipe: Recipe,
    rate: float,
    place: torch.device,
    dtype: torch.dtype,
    watch: Watch,
    meter: Meter,
) -> None:
    """Train in place, one step per batch, by the recipe's optimiser and schedule. Raises Diverged and OverBudget.

    `model` is an `encoder` that learns at `rate`; what else it has learns at the recipe's `head_rate`. The losses of a
    batch's parts add up to its own; each is asked for after the way back of the one before: one part's activations
    are kept at a time.
    """
    climb = optimiser(model, recipe, rate)
    rates = schedule(climb, recipe, len(batches))
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    grown = scaler(place, dtype)
    model.train()
    for step, batch in enumerate(batches, start=1):
        climb.zero_grad(set_to_none=True)
        seen = sum(_gathered(loss, grown) for loss in losses_of(batch))
        if not math.isfinite(seen):
            raise Diverged(f"the loss became {seen} at step {step}; set the recipe's contrast and pretraining to 0")
        grown.unscale_(climb)
        nn.utils.clip_grad_norm_(weights, 1.0)
        grown.step(climb)
        grown.update()
        rates.step()
        watch(step, len(batches), seen, None)
        meter.check()


def _gathered(loss: Tensor, grown: torch.amp.GradScaler) -> float:
    """Add the gradient of a part's loss; the loss."""
    grown.scale(loss).backward()
    return loss.item()
