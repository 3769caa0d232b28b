"""The range check: which learning rate this network takes on these texts, found in some seconds."""

import copy
import logging
import math

import torch

from pipelines.catalog.recipe import Recipe
from pipelines.training.distribution.distributed import agreed, mean
from pipelines.training.network.batches import shuffled
from pipelines.training.network.device import scaler
from pipelines.training.network.network import Network
from pipelines.training.optimisation.optimiser import optimiser
from pipelines.training.optimisation.training_objective import Examples, loss_of

log = logging.getLogger(__name__)
LOWEST, HIGHEST, STEPS = 1e-5, 3e-3, 40
HIGHEST_OF_ADAPTERS = 1e-1  # they learn at up to a hundred times the rate of whole layers


def rate_of(network: Network, train: Examples, recipe: Recipe) -> float:
    """The recipe's own rate, or the one the range check finds."""
    return found(network, train, recipe) if recipe.rate == "found" else recipe.rate


def found(network: Network, train: Examples, recipe: Recipe) -> float:
    """The rate in the middle of the loss's fall, while it rises from 1e-5 (Smith, 2017); 1e-5 without a fall.

    The network learns from a head of zeros: one that was fitted to these rows leaves a loss that can only rise. What is
    chosen is where half of the fall is done, not the lowest loss, at which steps are too large already; of an S-shaped
    fall that is the steepest place, and single batches move it less. Weights and chance are put back as they were.
    """
    before = copy.deepcopy(network.model.state_dict())
    with torch.random.fork_rng([network.place] if network.place.type == "cuda" else []):
        rates, losses = _swept(network, train, recipe)
    network.model.load_state_dict(before)
    smooth = _smoothed(losses)
    middle = (smooth[0] + min(smooth)) / 2
    chosen = agreed(rates[next(step for step, loss in enumerate(smooth) if loss <= middle)])
    log.info("range check: loss from %.2f to %.2f, learning at %.1e", smooth[0], min(smooth), chosen)
    return chosen


def _swept(network: Network, train: Examples, recipe: Recipe) -> tuple[list[float], list[float]]:
    """Each rate, the head's too, and the loss that the steps before it led to."""
    with torch.no_grad():
        network.model.head.weight.zero_()
        network.model.head.bias.zero_()
    descent = optimiser(network.model, recipe.model_copy(update={"head_rate": LOWEST}), LOWEST)
    scale = scaler(network.place, network.precision)
    starts = [group["lr"] for group in descent.param_groups]
    batches = shuffled([len(row) for row in train.rows], recipe.batch, torch.Generator().manual_seed(recipe.seed))
    highest = HIGHEST_OF_ADAPTERS if recipe.adapter else HIGHEST
    growth = (highest / LOWEST) ** (1 / (STEPS - 1))
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
            group["lr"] = min(start * growth**step, highest)
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


def _smoothed(losses: list[float], reach: int = 4) -> list[float]:
    """Means around each step: a mean of what came before would lag behind, by a factor of two of the rate."""
    near = (losses[max(0, step - reach) : step + reach + 1] for step in range(len(losses)))
    return [sum(some) / len(some) for some in near]
