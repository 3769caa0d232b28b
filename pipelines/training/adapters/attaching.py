"""Attaching, merging and storing of the recipe's adapter, which is trained with the head while the encoder is frozen.

Prefixes and bottlenecks cannot be merged: they are stored as JSON and safetensors beside the encoder.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pipelines.catalog.recipe import Adapter, Recipe
from pipelines.training.adapters.bottleneck import Bottleneck, add_bottlenecks, insert_bottleneck
from pipelines.training.adapters.peft_adapters import adalora, ia3, lora
from pipelines.training.adapters.places import OWN_MODULES
from pipelines.training.adapters.prefix import Prefix, add_prefixes, insert_prefix
from pipelines.training.network.encoder import Classifier, NoAdapter
from pipelines.training.network.network import frozen_layer_count

TUNERS = {"lora": lora, "adalora": adalora, "ia3": ia3}
ADDERS = {"prefix": add_prefixes, "bottleneck": add_bottlenecks}
SETTINGS, WEIGHTS = "adapters.json", "adapters.safetensors"


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


def adapter_modules(encoder: nn.Module) -> dict[str, Bottleneck | Prefix]:
    """Prefixes and bottlenecks within an encoder, by name."""
    return {name: module for name, module in encoder.named_modules() if isinstance(module, Bottleneck | Prefix)}


def without_adapters(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """An encoder's state without adapter weights: Hugging Face's own layout."""
    return {name: weight for name, weight in state.items() if not _is_adapter_weight(name)}


def save_adapters(encoder: nn.Module, folder: Path) -> None:
    """Write the adapters of an encoder, if any, into its folder."""
    weights = {name: weight.contiguous() for name, weight in encoder.state_dict().items() if _is_adapter_weight(name)}
    if weights:
        save_file(weights, folder / WEIGHTS)
        (folder / SETTINGS).write_text(json.dumps(_settings(encoder), indent=1), encoding="utf-8")


def _settings(encoder: nn.Module) -> list[dict[str, str | int]]:
    return [
        {"in": name.rpartition(".")[0], "kind": name.rpartition(".")[2], "width": module.width, "size": module.size}
        for name, module in adapter_modules(encoder).items()
    ]


def load_adapters(encoder: nn.Module, folder: Path) -> None:
    """Restore the adapters that `save_adapters` wrote, if any. Raises ValueError where the files do not match."""
    if not (folder / SETTINGS).exists():
        return
    for entry in json.loads((folder / SETTINGS).read_text(encoding="utf-8")):
        module = encoder.get_submodule(entry["in"])
        if entry["kind"] == "bottleneck":
            insert_bottleneck(module, Bottleneck(entry["width"], entry["size"]))
        else:
            insert_prefix(encoder, module, Prefix(entry["width"], entry["size"]))
    weights = load_file(folder / WEIGHTS)
    missing, unexpected = encoder.load_state_dict(weights, strict=False)
    absent = [name for name in missing if _is_adapter_weight(name)]
    if absent or unexpected:
        raise ValueError(f"{folder / WEIGHTS} does not fit {SETTINGS}: {[*absent, *unexpected][:3]}; train again")


def _is_adapter_weight(name: str) -> bool:
    return bool(set(OWN_MODULES) & set(name.split(".")))
