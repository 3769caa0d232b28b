"""An encoder's layers: its longest list of modules, whatever its family calls it."""

from torch import nn


def layers(encoder: nn.Module) -> tuple[str, nn.ModuleList]:
    """The name of the encoder's longest list of modules, and the list; an empty name where it has none."""
    lists = [(name, one) for name, one in encoder.named_modules() if isinstance(one, nn.ModuleList) and len(one)]
    return max(lists, key=lambda found: len(found[1]), default=("", nn.ModuleList()))
