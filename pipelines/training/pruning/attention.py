"""Attention modules of an encoder, recognised by the shapes of their projections, not by a family's names."""

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
        """Number of query, key and value parts in each of `into`."""
        return 3 // len(self.into)


def original_head_count(encoder: Any) -> int:
    """Number of heads in each layer before pruning. Raises NotPrunable."""
    count = getattr(encoder.config, "num_attention_heads", None)
    if not isinstance(count, int):
        raise not_prunable(encoder, "its config does not give their number")
    return count


def head_size(encoder: Any) -> int:
    """Dimensions of one head, which pruning does not change."""
    return int(encoder.config.hidden_size) // original_head_count(encoder)


def attentions(encoder: Any, heads: Sequence[int]) -> list[Attention]:
    """Attention of each layer; `heads` is the number of heads of each layer now. Raises NotPrunable."""
    path, blocks = layers(encoder)
    if len(heads) != len(blocks):
        raise not_prunable(encoder, f"{len(blocks)} layers in its longest list, not {len(heads)}")
    hidden, size = int(encoder.config.hidden_size), head_size(encoder)
    return [_attention(encoder, f"{path}.{number}", hidden, count * size) for number, count in enumerate(heads)]


def shared_biases(encoder: Any, heads: int) -> list[str]:
    """Embeddings outside the layers with one number per head, which every layer adds to its scores, as in MPNet."""
    path, _ = layers(encoder)
    return [
        name
        for name, module in encoder.named_modules()
        if isinstance(module, nn.Embedding) and module.embedding_dim == heads and not name.startswith(f"{path}.")
    ]


def _attention(encoder: nn.Module, layer: str, hidden: int, width: int) -> Attention:
    shapes = {f"{layer}.{name}": _shape(module) for name, module in encoder.get_submodule(layer).named_modules()}
    names = list(shapes)
    for into in _candidates(shapes, hidden, width):
        for name in names[names.index(into[-1]) + 1 :]:
            if shapes[name] == (width, hidden):
                return Attention(layer, into, name)
    raise not_prunable(encoder, f"no query, key, value and output between {hidden} and {width} dimensions in {layer!r}")


def _candidates(shapes: dict[str, tuple[int, int] | None], hidden: int, width: int) -> Iterator[tuple[str, ...]]:
    """Three sibling maps of one shape, or one that is three times as wide, in order of definition."""
    for parent in dict.fromkeys(name.rpartition(".")[0] for name in shapes):
        siblings = [name for name in shapes if name.rpartition(".")[0] == parent]
        single = [name for name in siblings if shapes[name] == (hidden, width)]
        if len(single) >= 3:
            yield tuple(single[:3])
        yield from ((name,) for name in siblings if shapes[name] == (hidden, 3 * width))


def _shape(module: nn.Module) -> tuple[int, int] | None:
    return (module.in_features, module.out_features) if isinstance(module, nn.Linear) else None


def not_prunable(encoder: Any, reason: str) -> NotPrunable:
    """Error for an encoder whose heads cannot be told apart, with the reason."""
    return NotPrunable(
        f"heads of {type(encoder).__name__} cannot be pruned: {reason}; "
        "set the recipe's pruning.heads to 0, or take an encoder of the BERT, RoBERTa, DistilBERT or MPNet family"
    )
