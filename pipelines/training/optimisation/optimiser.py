"""Optimiser, schedule, and the learning rate: given, or found by a range check in a few seconds."""

import copy
import logging
import math
from collections import defaultdict

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from pipelines.catalog.recipe import Recipe
from pipelines.training.distribution.distributed import broadcast, mean_of_processes
from pipelines.training.network.batches import shuffled_batches
from pipelines.training.network.device import make_grad_scaler
from pipelines.training.network.encoder import Classifier
from pipelines.training.network.layers import layers
from pipelines.training.network.network import Network
from pipelines.training.optimisation.training_objective import Examples, batch_loss

log = logging.getLogger(__name__)
LOWEST, HIGHEST, STEPS = 1e-5, 3e-3, 40
HIGHEST_OF_ADAPTERS = 1e-1  # up to a hundred times the rate of whole layers


def layer_depths(encoder: nn.Module) -> dict[str, int]:
    """Number of layers above each parameter: 0 in the last layer and above, the layer count below the first.

    The layers are the encoder's longest list of modules, whatever its family calls it.
    """
    path, blocks = layers(encoder)
    depths, entered = {}, False
    for name, _ in encoder.named_parameters():
        inside = bool(path) and name.startswith(f"{path}.")
        entered = entered or inside
        index = int(name[len(path) + 1 :].split(".")[0]) if inside else -1
        depths[name] = len(blocks) - 1 - index if inside else 0 if entered else len(blocks)
    return depths


def make_optimiser(model: Classifier, recipe: Recipe, rate: float) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter, 2019) or Adafactor (Shazeer and Stern, 2018) over the trainable weights.

    A layer's rate is `rate * layer_decay ** depth` (Howard and Ruder, 2018); the head has its own.
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = defaultdict(list)
    depth = layer_depths(model.encoder)
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            parameter = name.removeprefix("encoder.")
            own_rate = rate * recipe.layer_decay ** depth[parameter] if parameter in depth else recipe.head_rate
            groups[own_rate, recipe.weight_decay if weight.ndim > 1 else 0.0].append(weight)
    parameters = [
        {"params": weights, "lr": own_rate, "weight_decay": decay} for (own_rate, decay), weights in groups.items()
    ]
    if recipe.optimiser == "adafactor":
        # Not as shares of each weight's own size, which would be a twentieth of AdamW's steps at the same rate.
        return torch.optim.Adafactor(parameters, eps=(None, 1.0))
    return torch.optim.AdamW(parameters, fused=True)  # one pass over the weights: a tenth of a step's time on two cores


def make_schedule(optimiser: torch.optim.Optimizer, recipe: Recipe, steps: int) -> LambdaLR:
    """Learning-rate factor by step: a linear warm-up, then linear, cosine or constant."""
    warmup_steps = int(steps * recipe.warmup)

    def factor(step: int) -> float:
        if step < warmup_steps:
            return step / warmup_steps
        share = (step - warmup_steps) / max(1, steps - warmup_steps)
        return {"linear": 1 - share, "cosine": (1 + math.cos(math.pi * share)) / 2, "constant": 1.0}[recipe.schedule]

    return LambdaLR(optimiser, factor)


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
