"""Storage of prefixes and bottlenecks, which cannot be merged: JSON and safetensors beside the encoder."""

import json
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pipelines.training.adapters.bottleneck import Bottleneck, insert_bottleneck
from pipelines.training.adapters.places import OWN_MODULES
from pipelines.training.adapters.prefix import Prefix, insert_prefix

SETTINGS, WEIGHTS = "adapters.json", "adapters.safetensors"


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
