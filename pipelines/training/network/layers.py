"""Layers of an encoder: its longest list of modules, whatever its family calls it."""

from torch import nn


def layers(encoder: nn.Module) -> tuple[str, nn.ModuleList]:
    """Name of the encoder's longest list of modules, and the list; an empty name where it has none."""
    lists = [
        (name, module) for name, module in encoder.named_modules() if isinstance(module, nn.ModuleList) and len(module)
    ]
    return max(lists, key=lambda named: len(named[1]), default=("", nn.ModuleList()))
