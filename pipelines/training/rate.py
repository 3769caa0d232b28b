"""The range check: which learning rate this network takes on these texts, found in some seconds."""

import copy
import logging
import math

import torch

from pipelines.recipe import Recipe
from pipelines.training.batches import shuffled
from pipelines.training.device import scaler
from pipelines.training.distributed import agreed, mean
from pipelines.training.network import Network
from pipelines.training.objective import Examples, loss_of
from pipelines.training.optimiser import optimiser

log = logging.getLogger(__name__)
LOWEST, HIGHEST, STEPS = 1e-5, 3e-3, 40


def rate_of(network: Network, train: Examples, recipe: Recipe) -> float:
    """The recipe's own rate, or the one the range check finds."""
    return found(network, train, recipe) if recipe.rate == "found" else recipe.rate


def found(network: Network, train: Examples, recipe: Recipe) -> float:
    """A third of the rate at which the loss was lowest, while it rose from 1e-5 to 3e-3 (Smith, 2017).

    The network is put back as it was.
    """
    before = copy.deepcopy(network.model.state_dict())
    rates, losses = _swept(network, train, recipe)
    network.model.load_state_dict(before)
    smooth = _smoothed(losses)
    best = min(range(len(smooth)), key=smooth.__getitem__)
    chosen = agreed(max(LOWEST, rates[best] / 3))
    log.info("range check: loss lowest at rate %.1e, learning at %.1e", rates[best], chosen)
    return chosen


def _swept(network: Network, train: Examples, recipe: Recipe) -> tuple[list[float], list[float]]:
    descent = optimiser(network.model, recipe, LOWEST)
    scale = scaler(network.place, network.precision)
    starts = [group["lr"] for group in descent.param_groups]
    batches = shuffled([len(row) for row in train.rows], recipe.batch, torch.Generator().manual_seed(recipe.seed))
    growth = (HIGHEST / LOWEST) ** (1 / (STEPS - 1))
    rates, losses = [], []
    network.model.train()
    for step in range(STEPS):
        descent.zero_grad(set_to_none=True)
        rates.append(LOWEST * growth**step)
        losses.append(
            mean(_gathered(network, train.chosen(batches[step % len(batches)]), recipe, scale), network.place)
        )
        if not math.isfinite(losses[-1]) or losses[-1] > 4 * losses[0] + 1:
            break
        for group, start in zip(descent.param_groups, starts, strict=True):
            group["lr"] = min(start * growth**step, HIGHEST)
        scale.unscale_(descent)
        torch.nn.utils.clip_grad_norm_(network.model.parameters(), 1.0)
        scale.step(descent)
        scale.update()
    return rates, [loss if math.isfinite(loss) else math.inf for loss in losses]


def _gathered(network: Network, batch: Examples, recipe: Recipe, scale: torch.amp.GradScaler) -> float:
    """The loss of a batch, its gradient gathered in as many parts as the recipe computes a batch in."""
    total, size = float(batch.weights.sum()), -(-len(batch.rows) // recipe.accumulate)
    losses = []
    for start in range(0, len(batch.rows), size):
        part = batch.chosen(range(start, min(start + size, len(batch.rows))))
        loss = loss_of(network, part, recipe, total)
        scale.scale(loss).backward()
        losses.append(loss.item())
    return sum(losses)


def _smoothed(losses: list[float], decay: float = 0.8) -> list[float]:
    smooth, running = [], 0.0
    for step, loss in enumerate(losses):
        running = decay * running + (1 - decay) * loss
        smooth.append(running / (1 - decay ** (step + 1)))
    return smooth
