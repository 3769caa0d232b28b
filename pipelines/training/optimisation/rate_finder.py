"""Learning-rate range check: finds a rate for this network and these texts in a few seconds."""

import copy
import logging
import math

import torch

from pipelines.catalog.recipe import Recipe
from pipelines.training.distribution.distributed import broadcast, mean_of_processes
from pipelines.training.network.batches import shuffled_batches
from pipelines.training.network.device import make_grad_scaler
from pipelines.training.network.network import Network
from pipelines.training.optimisation.optimiser import make_optimiser
from pipelines.training.optimisation.training_objective import Examples, batch_loss

log = logging.getLogger(__name__)
LOWEST, HIGHEST, STEPS = 1e-5, 3e-3, 40
HIGHEST_OF_ADAPTERS = 1e-1  # up to a hundred times the rate of whole layers


def learning_rate(network: Network, train: Examples, recipe: Recipe) -> float:
    """The recipe's own rate, or the result of the range check."""
    return find_rate(network, train, recipe) if recipe.rate == "found" else recipe.rate


def find_rate(network: Network, train: Examples, recipe: Recipe) -> float:
    """Rate at half of the loss's fall while the rate rises from 1e-5 (Smith, 2017); 1e-5 without a fall.

    The head starts at zero: a head that was fitted to these rows leaves a loss that can only rise. Half of the fall is
    taken, not the lowest loss, where steps are too large already; of an S-shaped fall that is the steepest point, and
    single batches move it less. Weights and random numbers are restored afterwards.
    """
    before = copy.deepcopy(network.model.state_dict())
    with torch.random.fork_rng([network.device] if network.device.type == "cuda" else []):
        rates, losses = _sweep(network, train, recipe)
    network.model.load_state_dict(before)
    smooth = _smooth(losses)
    middle = (smooth[0] + min(smooth)) / 2
    chosen = broadcast(rates[next(step for step, loss in enumerate(smooth) if loss <= middle)])
    log.info("range check: loss from %.2f to %.2f, learning rate %.1e", smooth[0], min(smooth), chosen)
    return chosen


def _sweep(network: Network, train: Examples, recipe: Recipe) -> tuple[list[float], list[float]]:
    """Rates (the head's too) and the loss before the step at each rate."""
    with torch.no_grad():
        network.model.head.weight.zero_()
        network.model.head.bias.zero_()
    optimiser = make_optimiser(network.model, recipe.model_copy(update={"head_rate": LOWEST}), LOWEST)
    grad_scaler = make_grad_scaler(network.device, network.precision)
    initial_rates = [group["lr"] for group in optimiser.param_groups]
    batches = shuffled_batches(
        [len(row) for row in train.rows], recipe.batch, torch.Generator().manual_seed(recipe.seed)
    )
    highest = HIGHEST_OF_ADAPTERS if recipe.adapter else HIGHEST
    growth = (highest / LOWEST) ** (1 / (STEPS - 1))
    rates, losses = [], []
    network.model.train()
    for step in range(STEPS):
        optimiser.zero_grad(set_to_none=True)
        rates.append(LOWEST * growth**step)
        losses.append(
            mean_of_processes(
                _accumulate(network, train.select(batches[step % len(batches)]), recipe, grad_scaler), network.device
            )
        )
        if not math.isfinite(losses[-1]) or losses[-1] > 4 * losses[0] + 1:
            break
        for group, initial in zip(optimiser.param_groups, initial_rates, strict=True):
            group["lr"] = min(initial * growth**step, highest)
        grad_scaler.unscale_(optimiser)
        torch.nn.utils.clip_grad_norm_(network.model.parameters(), 1.0)
        grad_scaler.step(optimiser)
        grad_scaler.update()
    return rates, [loss if math.isfinite(loss) else math.inf for loss in losses]


def _accumulate(network: Network, batch: Examples, recipe: Recipe, grad_scaler: torch.amp.GradScaler) -> float:
    """Loss of a batch; accumulates its gradient in the recipe's number of parts."""
    total, size = float(batch.weights.sum()), -(-len(batch.rows) // recipe.accumulate)
    losses = []
    for start in range(0, len(batch.rows), size):
        part = batch.select(range(start, min(start + size, len(batch.rows))))
        loss = batch_loss(network, part, recipe, total)
        grad_scaler.scale(loss).backward()
        losses.append(loss.item())
    return sum(losses)


def _smooth(losses: list[float], reach: int = 4) -> list[float]:
    """Centred running means: a trailing mean would lag behind by a factor of two of the rate."""
    windows = (losses[max(0, step - reach) : step + reach + 1] for step in range(len(losses)))
    return [sum(window) / len(window) for window in windows]
