"""Attach the recipe's adapter: from here on it learns, with the head, and the encoder's own weights do not."""

from collections.abc import Sequence

import torch
from torch import nn

from pipelines.catalog.recipe import Adapter, Recipe
from pipelines.training.adapters.attached import Attached
from pipelines.training.adapters.bottleneck import grow_bottlenecks
from pipelines.training.adapters.peft_adapters import adalora, ia3, lora
from pipelines.training.adapters.prefix import grow_prefixes
from pipelines.training.adapters.storing import grown
from pipelines.training.network.encoder import Classifier
from pipelines.training.network.network import kept_layers

TUNERS = {"lora": lora, "adalora": adalora, "ia3": ia3}
GROWERS = {"prefix": grow_prefixes, "bottleneck": grow_bottlenecks}


def adapted(models: Sequence[Classifier], recipe: Recipe) -> list[Classifier]:
    """The same models, each with a fresh adapter where the recipe has one; what a champion brought learns on."""
    if recipe.adapter is None:
        return list(models)
    for number, model in enumerate(models):
        torch.manual_seed(recipe.seed + number)
        _attach(model, recipe.adapter, kept_layers(model.encoder, recipe.frozen_layers))
    return list(models)


def _attach(model: Classifier, adapter: Adapter, kept: int) -> None:
    model.encoder.requires_grad_(False)
    if adapter.kind in TUNERS:
        model.attached = TUNERS[adapter.kind](model.encoder, adapter, kept)
        return
    if not _grown(model.encoder, adapter.kind):
        GROWERS[adapter.kind](model.encoder, adapter.size, kept)
    for module in _grown(model.encoder, adapter.kind):
        module.requires_grad_()


def _grown(encoder: nn.Module, kind: str) -> list[nn.Module]:
    return [module for name, module in grown(encoder).items() if name.rpartition(".")[2] == kind]


def merged(model: Classifier) -> Classifier:
    """The same model with LoRA, AdaLoRA and IA3 taken into the encoder's own weights; the answers stay."""
    model.attached.merge()
    model.attached = Attached()
    return model
