"""Training loop without validation, for contrastive training and pretraining."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from pipelines.catalog.recipe import Recipe
from pipelines.training.network.device import make_grad_scaler
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.descent import Diverged
from pipelines.training.optimisation.optimiser import make_optimiser, make_schedule
from pipelines.training.optimisation.training_loop import ProgressCallback

Batch = TypeVar("Batch")


def unsupervised_loop(
    model: Any,
    batches: Sequence[Batch],
    losses_of: Callable[[Batch], Iterable[Tensor]],
    recipe: Recipe,
    rate: float,
    device: torch.device,
    dtype: torch.dtype,
    progress: ProgressCallback,
    meter: Meter,
) -> None:
    """Train in place, one step per batch, by the recipe's optimiser and schedule. Raises Diverged and OverBudget.

    `model` has an `encoder` that learns at `rate`; its other weights learn at the recipe's `head_rate`. The losses of a
    batch's parts add up to its own. Each part is requested after the backward pass of the one before, so that one
    part's activations are held at a time.
    """
    optimiser = make_optimiser(model, recipe, rate)
    schedule = make_schedule(optimiser, recipe, len(batches))
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    grad_scaler = make_grad_scaler(device, dtype)
    model.train()
    for step, batch in enumerate(batches, start=1):
        optimiser.zero_grad(set_to_none=True)
        batch_loss = sum(_accumulate(loss, grad_scaler) for loss in losses_of(batch))
        if not math.isfinite(batch_loss):
            raise Diverged(
                f"the loss became {batch_loss} at step {step}; set the recipe's contrast and pretraining to 0"
            )
        grad_scaler.unscale_(optimiser)
        nn.utils.clip_grad_norm_(weights, 1.0)
        grad_scaler.step(optimiser)
        grad_scaler.update()
        schedule.step()
        progress(step, len(batches), batch_loss, None)
        meter.check()


def _accumulate(loss: Tensor, grad_scaler: torch.amp.GradScaler) -> float:
    """Accumulate the gradient of a part's loss and return the loss."""
    grad_scaler.scale(loss).backward()
    return loss.item()
