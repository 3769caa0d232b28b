"""Bottleneck adapters after each sublayer (Houlsby and others, 2019)."""

from typing import Any

from torch import Tensor, nn

from pipelines.training.adapters.places import outputs


class Bottleneck(nn.Module):
    """Down to `size`, GELU, up again, added to what came; `(..., width)` to `(..., width)`, at first unchanged."""

    def __init__(self, width: int, size: int) -> None:
        super().__init__()
        self.width, self.size = width, size
        self.down, self.up = nn.Linear(width, size), nn.Linear(size, width)
        nn.init.normal_(self.down.weight, std=0.02)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, states: Tensor) -> Tensor:
        """The states, moved by what was learnt."""
        moved: Tensor = states + self.up(nn.functional.gelu(self.down(states)))
        return moved


def insert_bottleneck(linear: nn.Module, bottleneck: Bottleneck) -> None:
    """Let the bottleneck follow a linear map, as a part of it: the map's own name and class stay."""
    linear.bottleneck = bottleneck
    linear.register_forward_hook(_through)


def _through(linear: nn.Module, _inputs: Any, states: Tensor) -> Tensor:
    passed: Tensor = linear.get_submodule("bottleneck")(states)
    return passed


def grow_bottlenecks(encoder: nn.Module, size: int, kept: int) -> None:
    """A bottleneck after each sublayer above the first `kept` layers."""
    for linear in outputs(encoder, kept).values():
        insert_bottleneck(linear, Bottleneck(linear.out_features, size))
