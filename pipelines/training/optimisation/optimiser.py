"""Optimiser and schedule of a recipe: rates by depth, no decay of biases and norms, warm-up and decline."""

import math
from collections import defaultdict

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from pipelines.catalog.recipe import Recipe
from pipelines.training.network.encoder import Classifier
from pipelines.training.network.layers import layers


def depths(encoder: nn.Module) -> dict[str, int]:
    """How many layers lie above each parameter: 0 in the last layer and above, the number of layers below the first.

    The layers are the encoder's longest list of modules, whatever its family calls it.
    """
    path, blocks = layers(encoder)
    found, entered = {}, False
    for name, _ in encoder.named_parameters():
        inside = bool(path) and name.startswith(f"{path}.")
        entered = entered or inside
        index = int(name[len(path) + 1 :].split(".")[0]) if inside else -1
        found[name] = len(blocks) - 1 - index if inside else 0 if entered else len(blocks)
    return found


def optimiser(model: Classifier, recipe: Recipe, rate: float) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter, 2019) or Adafactor (Shazeer and Stern, 2018) over what learns.

    A layer's rate is `rate * layer_decay ** depth` (Howard and Ruder, 2018); the head has its own.
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = defaultdict(list)
    depth = depths(model.encoder)
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            inside = name.removeprefix("encoder.")
            own = rate * recipe.layer_decay ** depth[inside] if inside in depth else recipe.head_rate
            groups[own, recipe.weight_decay if weight.ndim > 1 else 0.0].append(weight)
    listed = [{"params": weights, "lr": own, "weight_decay": decay} for (own, decay), weights in groups.items()]
    if recipe.optimiser == "adafactor":
        # Not as shares of each weight's own size, which would be a twentieth of AdamW's steps at the same rate.
        return torch.optim.Adafactor(listed, eps=(None, 1.0))
    return torch.optim.AdamW(listed, fused=True)  # one pass over the weights: a tenth of a step's time on two cores


def schedule(optimiser: torch.optim.Optimizer, recipe: Recipe, steps: int) -> LambdaLR:
    """The factor of every rate: rising over the warm-up, then linear, cosine or constant."""
    rising = int(steps * recipe.warmup)

    def factor(step: int) -> float:
        if step < rising:
            return step / rising
        done = (step - rising) / max(1, steps - rising)
        return {"linear": 1 - done, "cosine": (1 + math.cos(math.pi * done)) / 2, "constant": 1.0}[recipe.schedule]

    return LambdaLR(optimiser, factor)
