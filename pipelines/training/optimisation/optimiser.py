"""Optimiser and learning-rate schedule of a recipe: layer-wise rates, no decay of biases and norms."""

import math
from collections import defaultdict

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from pipelines.catalog.recipe import Recipe
from pipelines.training.network.encoder import Classifier
from pipelines.training.network.layers import layers


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
