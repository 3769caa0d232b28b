"""Where an encoder's attention heads are: its projections, recognised by their shapes, not by a family's names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from pipelines.training.network.layers import layers
from pipelines.training.pruning.drop_layers import NotPrunable


@dataclass(frozen=True)
class Attention:
    """One layer's attention, by the names of its modules within the encoder.

    `into` are the projections into the heads: query, key and value, or one Linear with all three one after another;
    `out` is the projection from the heads back to the hidden size.
    """

    layer: str
    into: tuple[str, ...]
    out: str

    @property
    def parts(self) -> int:
        """How many of query, key and value each of `into` holds."""
        return 3 // len(self.into)


def whole_count(encoder: Any) -> int:
    """How many heads each layer has before any is left out. Raises NotPrunable."""
    count = getattr(encoder.config, "num_attention_heads", None)
    if not isinstance(count, int):
        raise unknown(encoder, "its config does not number them")
    return count


def head_size(encoder: Any) -> int:
    """Dimensions of one head, which leaving heads out does not change."""
    return int(encoder.config.hidden_size) // whole_count(encoder)


def attentions(encoder: Any, heads: Sequence[int]) -> list[Attention]:
    """The attention of each layer, where the layers have so many heads now. Raises NotPrunable."""
    path, blocks = layers(encoder)
    if len(heads) != len(blocks):
        raise unknown(encoder, f"{len(blocks)} layers in its longest list, not {len(heads)}")
    hidden, size = int(encoder.config.hidden_size), head_size(encoder)
    return [_attention(encoder, f"{path}.{number}", hidden, count * size) for number, count in enumerate(heads)]


def shared_biases(encoder: Any, heads: int) -> list[str]:
    """Tables outside the layers with one number per head that every layer adds to its scores, as MPNet has."""
    path, _ = layers(encoder)
    return [
        name
        for name, module in encoder.named_modules()
        if isinstance(module, nn.Embedding) and module.embedding_dim == heads and not name.startswith(f"{path}.")
    ]


def _attention(encoder: nn.Module, layer: str, hidden: int, width: int) -> Attention:
    shapes = {f"{layer}.{name}": _shape(one) for name, one in encoder.get_submodule(layer).named_modules()}
    names = list(shapes)
    for into in _candidates(shapes, hidden, width):
        for name in names[names.index(into[-1]) + 1 :]:
            if shapes[name] == (width, hidden):
                return Attention(layer, into, name)
    raise unknown(encoder, f"no query, key, value and output between {hidden} and {width} dimensions in {layer!r}")


def _candidates(shapes: dict[str, tuple[int, int] | None], hidden: int, width: int) -> Iterator[tuple[str, ...]]:
    """Three sisters of one shape, or one three times as wide, in the order in which they are defined."""
    for parent in dict.fromkeys(name.rpartition(".")[0] for name in shapes):
        sisters = [name for name in shapes if name.rpartition(".")[0] == parent]
        single = [name for name in sisters if shapes[name] == (hidden, width)]
        if len(single) >= 3:
            yield tuple(single[:3])
        yield from ((name,) for name in sisters if shapes[name] == (hidden, 3 * width))


def _shape(module: nn.Module) -> tuple[int, int] | None:
    return (module.in_features, module.out_features) if isinstance(module, nn.Linear) else None


def unknown(encoder: Any, found: str) -> NotPrunable:
    """The error for an encoder whose heads cannot be told apart, and why."""
    return NotPrunable(
        f"heads of {type(encoder).__name__} cannot be left out: {found}; "
        "set the recipe's pruning.heads to 0, or take an encoder of the BERT, RoBERTa, DistilBERT or MPNet family"
    )
