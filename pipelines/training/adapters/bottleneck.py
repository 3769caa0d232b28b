"""Bottleneck adapters after each sublayer (Houlsby and others, 2019)."""

from typing import Any

from torch import Tensor, nn

from pipelines.training.adapters.places import sublayer_outputs


class Bottleneck(nn.Module):
    """Down to `size`, GELU, up, added to the input; `(..., width)` to `(..., width)`, at first the identity."""

    def __init__(self, width: int, size: int) -> None:
        super().__init__()
        self.width, self.size = width, size
        self.down, self.up = nn.Linear(width, size), nn.Linear(size, width)
        nn.init.normal_(self.down.weight, std=0.02)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, states: Tensor) -> Tensor:
        """The states plus the trained change."""
        output: Tensor = states + self.up(nn.functional.gelu(self.down(states)))
        return output


def insert_bottleneck(linear: nn.Module, bottleneck: Bottleneck) -> None:
    """Apply the bottleneck after a linear map, as a part of it: the map's name and class stay."""
    linear.bottleneck = bottleneck
    linear.register_forward_hook(_apply_bottleneck)


def _apply_bottleneck(linear: nn.Module, _inputs: Any, states: Tensor) -> Tensor:
    output: Tensor = linear.get_submodule("bottleneck")(states)
    return output


def add_bottlenecks(encoder: nn.Module, size: int, frozen: int) -> None:
    """Insert a bottleneck after each sublayer above the first `frozen` layers."""
    for linear in sublayer_outputs(encoder, frozen).values():
        insert_bottleneck(linear, Bottleneck(linear.out_features, size))
