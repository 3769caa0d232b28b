"""Prefixes and bottlenecks cannot be merged: they are kept beside the encoder, in JSON and safetensors."""

import json
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pipelines.training.adapters.bottleneck import Bottleneck, insert_bottleneck
from pipelines.training.adapters.places import OWN
from pipelines.training.adapters.prefix import Prefix, insert_prefix

SETTINGS, WEIGHTS = "adapters.json", "adapters.safetensors"


def grown(encoder: nn.Module) -> dict[str, Bottleneck | Prefix]:
    """Our own modules within an encoder, by name."""
    return {name: one for name, one in encoder.named_modules() if isinstance(one, Bottleneck | Prefix)}


def plain(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """An encoder's state without what grew in it: Hugging Face's own layout."""
    return {name: weight for name, weight in state.items() if not _is_own(name)}


def save_grown(encoder: nn.Module, folder: Path) -> None:
    """Write what grew in an encoder beside it, where anything did."""
    own = {name: weight.contiguous() for name, weight in encoder.state_dict().items() if _is_own(name)}
    if own:
        save_file(own, folder / WEIGHTS)
        (folder / SETTINGS).write_text(json.dumps(_settings(encoder), indent=1), encoding="utf-8")


def _settings(encoder: nn.Module) -> list[dict[str, str | int]]:
    return [
        {"in": name.rpartition(".")[0], "kind": name.rpartition(".")[2], "width": one.width, "size": one.size}
        for name, one in grown(encoder).items()
    ]


def regrow(encoder: nn.Module, folder: Path) -> None:
    """Put back what `save_grown` wrote beside an encoder, where it wrote anything."""
    if not (folder / SETTINGS).exists():
        return
    for one in json.loads((folder / SETTINGS).read_text(encoding="utf-8")):
        place = encoder.get_submodule(one["in"])
        if one["kind"] == "bottleneck":
            insert_bottleneck(place, Bottleneck(one["width"], one["size"]))
        else:
            insert_prefix(encoder, place, Prefix(one["width"], one["size"]))
    weights = load_file(folder / WEIGHTS)
    missing, unexpected = encoder.load_state_dict(weights, strict=False)
    lost = [name for name in missing if _is_own(name)]
    if lost or unexpected:
        raise ValueError(f"{folder / WEIGHTS} does not fit {SETTINGS}: {[*lost, *unexpected][:3]}; train again")


def _is_own(name: str) -> bool:
    return bool(set(OWN) & set(name.split(".")))
