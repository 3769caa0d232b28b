"""Attaching of the recipe's adapter: it is trained together with the head, the encoder's own weights are not."""

from collections.abc import Sequence

import torch
from torch import nn

from pipelines.catalog.recipe import Adapter, Recipe
from pipelines.training.adapters.attached import NoAdapter
from pipelines.training.adapters.bottleneck import add_bottlenecks
from pipelines.training.adapters.peft_adapters import adalora, ia3, lora
from pipelines.training.adapters.prefix import add_prefixes
from pipelines.training.adapters.storing import adapter_modules
from pipelines.training.network.encoder import Classifier
from pipelines.training.network.network import frozen_layer_count

TUNERS = {"lora": lora, "adalora": adalora, "ia3": ia3}
ADDERS = {"prefix": add_prefixes, "bottleneck": add_bottlenecks}


def attach_adapters(models: Sequence[Classifier], recipe: Recipe) -> list[Classifier]:
    """The same models, each with a new adapter if the recipe has one; a champion's own adapter learns on."""
    if recipe.adapter is None:
        return list(models)
    for number, model in enumerate(models):
        torch.manual_seed(recipe.seed + number)
        _attach(model, recipe.adapter, frozen_layer_count(model.encoder, recipe.frozen_layers))
    return list(models)


def _attach(model: Classifier, adapter: Adapter, frozen: int) -> None:
    model.encoder.requires_grad_(False)
    if adapter.kind in TUNERS:
        model.adapter = TUNERS[adapter.kind](model.encoder, adapter, frozen)
        return
    if not _modules_of_kind(model.encoder, adapter.kind):
        ADDERS[adapter.kind](model.encoder, adapter.size, frozen)
    for module in _modules_of_kind(model.encoder, adapter.kind):
        module.requires_grad_()


def _modules_of_kind(encoder: nn.Module, kind: str) -> list[nn.Module]:
    return [module for name, module in adapter_modules(encoder).items() if name.rpartition(".")[2] == kind]


def merge_adapters(model: Classifier) -> Classifier:
    """The same model with LoRA, AdaLoRA and IA3 merged into the encoder's weights; its answers stay."""
    model.adapter.merge()
    model.adapter = NoAdapter()
    return model
