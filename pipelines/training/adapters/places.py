"""Where in an encoder of any family adapters go: found by shapes, and by what families call keys and values."""

import re
from typing import Any

from torch import nn

from pipelines.training.network.layers import layers

OWN = ("bottleneck", "prefix")  # names under which our own modules stand in an encoder
_INWARD = re.compile(r"(pos_)?(q|k|v|query|key|value|w?qkv)(_lin|_proj)?", re.IGNORECASE)
_KEY_VALUE = re.compile(r"(k|v|key|value|w?qkv)(_lin|_proj)?", re.IGNORECASE)


class NoPlace(LookupError):
    """An encoder without a place for this kind of adapter."""


def linears(encoder: nn.Module, kept: int) -> dict[str, nn.Linear]:
    """The linear maps of the layers above the first `kept`, by name; not the pooler. Raises NoPlace."""
    path, blocks = layers(encoder)
    if not path:
        raise NoPlace(f"{type(encoder).__name__} has no list of layers to adapt; leave the recipe's adapter out")
    return {
        f"{path}.{number}.{name}": module
        for number, layer in enumerate(blocks)
        if number >= kept
        for name, module in layer.named_modules()
        if isinstance(module, nn.Linear) and not set(OWN) & set(name.split("."))
    }


def keys_and_values(encoder: nn.Module, kept: int) -> dict[str, nn.Linear]:
    """The maps to attention's keys and values, by name; where one map makes queries too, that map. Raises NoPlace."""
    found = {name: one for name, one in linears(encoder, kept).items() if _KEY_VALUE.fullmatch(_last(name))}
    if not found:
        raise NoPlace(
            f"{type(encoder).__name__} calls its keys and values by unknown names; "
            "choose the adapter lora, adalora or bottleneck"
        )
    return found


def outputs(encoder: Any, kept: int) -> dict[str, nn.Linear]:
    """The last map of each sublayer, attention and feed-forward, by name."""
    hidden = encoder.config.hidden_size
    every = linears(encoder, kept)
    return {n: one for n, one in every.items() if one.out_features == hidden and not _INWARD.fullmatch(_last(n))}


def feed_forward_outputs(encoder: Any, kept: int) -> dict[str, nn.Linear]:
    """The last map of each feed-forward sublayer, by name."""
    hidden = encoder.config.hidden_size
    return {name: one for name, one in outputs(encoder, kept).items() if one.in_features != hidden}


def _last(name: str) -> str:
    return name.rpartition(".")[2]
