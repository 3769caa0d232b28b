"""Places for adapters in an encoder of any family, found by shapes and by the names of keys and values."""

import re
from typing import Any

from torch import nn

from pipelines.training.network.layers import layers

OWN_MODULES = ("bottleneck", "prefix")  # names of our own modules within an encoder
_INPUT_MAP = re.compile(r"(pos_)?(q|k|v|query|key|value|w?qkv)(_lin|_proj)?", re.IGNORECASE)
_KEY_VALUE = re.compile(r"(k|v|key|value|w?qkv)(_lin|_proj)?", re.IGNORECASE)


class AdapterNotSupported(LookupError):
    """The encoder has no place for this kind of adapter."""


def linear_maps(encoder: nn.Module, frozen: int) -> dict[str, nn.Linear]:
    """Linear maps of the layers above the first `frozen`, by name; without the pooler. Raises AdapterNotSupported."""
    path, blocks = layers(encoder)
    if not path:
        raise AdapterNotSupported(
            f"{type(encoder).__name__} has no list of layers to adapt; leave the recipe's adapter out"
        )
    return {
        f"{path}.{number}.{name}": module
        for number, layer in enumerate(blocks)
        if number >= frozen
        for name, module in layer.named_modules()
        if isinstance(module, nn.Linear) and not set(OWN_MODULES) & set(name.split("."))
    }


def keys_and_values(encoder: nn.Module, frozen: int) -> dict[str, nn.Linear]:
    """Maps to attention's keys and values, by name; a map that makes queries too counts as one.

    Raises AdapterNotSupported.
    """
    maps = {name: module for name, module in linear_maps(encoder, frozen).items() if _KEY_VALUE.fullmatch(_last(name))}
    if not maps:
        raise AdapterNotSupported(
            f"{type(encoder).__name__} has keys and values under unknown names; "
            "choose the adapter lora, adalora or bottleneck"
        )
    return maps


def sublayer_outputs(encoder: Any, frozen: int) -> dict[str, nn.Linear]:
    """Last map of each sublayer, attention and feed-forward, by name."""
    hidden = encoder.config.hidden_size
    maps = linear_maps(encoder, frozen)
    return {
        name: module
        for name, module in maps.items()
        if module.out_features == hidden and not _INPUT_MAP.fullmatch(_last(name))
    }


def feed_forward_outputs(encoder: Any, frozen: int) -> dict[str, nn.Linear]:
    """Last map of each feed-forward sublayer, by name."""
    hidden = encoder.config.hidden_size
    return {name: module for name, module in sublayer_outputs(encoder, frozen).items() if module.in_features != hidden}


def _last(name: str) -> str:
    return name.rpartition(".")[2]
