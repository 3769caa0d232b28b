"""Head pruning: attention heads are cut out of an encoder, and stay out when it is saved and loaded.

A checkpoint keeps the shapes its config declares, with zeros for pruned heads: any tool loads it and answers the same.
The config's `kept_heads`, one list per layer, says what to cut out again.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from pipelines.training.pruning.attention import Attention, attentions, head_size, original_head_count, shared_biases

COUNTS = ("num_attention_heads", "num_heads", "n_heads")  # attribute names on the attention modules of families
WIDTH = "all_head_size"
KeptHeads = list[list[int]]


def kept_heads(encoder: Any) -> KeptHeads | None:
    """Original numbers of the remaining heads of each layer; None for an unpruned encoder."""
    heads: KeptHeads | None = getattr(encoder.config, "kept_heads", None)
    return heads


def prune_heads(encoder: Any, remaining: KeptHeads) -> None:
    """Cut all but the remaining heads out of an unpruned encoder, in place. Raises NotPrunable."""
    heads, size = original_head_count(encoder), head_size(encoder)
    for attention, numbers in zip(attentions(encoder, [heads] * len(remaining)), remaining, strict=True):
        rows = head_dimensions(numbers, size)
        for name in attention.into:
            _cut(encoder.get_submodule(name), 0, _rows_of_parts(rows, attention.parts, heads * size))
        _cut(encoder.get_submodule(attention.out), 1, rows)
        _set_head_count(encoder.get_submodule(attention.layer), len(numbers), size)
    for name in shared_biases(encoder, heads):
        _cut(encoder.get_submodule(name), 1, torch.tensor(remaining[0]))
    encoder.config.kept_heads = remaining


def full_state(encoder: Any) -> dict[str, Tensor]:
    """State of the encoder in the shapes its config declares: zeros for pruned heads."""
    state: dict[str, Tensor] = encoder.state_dict()
    remaining = kept_heads(encoder)
    if remaining is None:
        return state
    heads, size = original_head_count(encoder), head_size(encoder)
    for attention, numbers in zip(attentions(encoder, [len(numbers) for numbers in remaining]), remaining, strict=True):
        state |= _full_weights(state, attention, head_dimensions(numbers, size), heads * size)
    for name in shared_biases(encoder, len(remaining[0])):
        state[f"{name}.weight"] = _zero_filled(state[f"{name}.weight"], 1, torch.tensor(remaining[0]), heads)
    return state


def head_dimensions(heads: Sequence[int], size: int) -> Tensor:
    """Indices of the dimensions of these heads, head after head."""
    return (torch.tensor(heads).unsqueeze(1) * size + torch.arange(size)).flatten()


def _rows_of_parts(rows: Tensor, parts: int, width: int) -> Tensor:
    return torch.cat([rows + part * width for part in range(parts)])


def _cut(module: nn.Module, axis: int, indices: Tensor) -> None:
    """Keep these rows (axis 0, the bias too) or columns (axis 1) of a Linear, or columns of an Embedding."""
    for name, weight in list(module.named_parameters(recurse=False)):
        if weight.ndim > axis:
            cut = weight.detach().index_select(axis, indices.to(weight.device)).clone()
            setattr(module, name, nn.Parameter(cut, requires_grad=weight.requires_grad))
    width = "embedding_dim" if isinstance(module, nn.Embedding) else ("out_features", "in_features")[axis]
    setattr(module, width, len(indices))


def _set_head_count(layer: nn.Module, heads: int, size: int) -> None:
    """Set the number of heads in the layer's modules."""
    for module in layer.modules():
        for name in COUNTS:
            if hasattr(module, name):
                setattr(module, name, heads)
        if hasattr(module, WIDTH):
            setattr(module, WIDTH, heads * size)


def _full_weights(state: dict[str, Tensor], attention: Attention, rows: Tensor, width: int) -> dict[str, Tensor]:
    input_rows = _rows_of_parts(rows, attention.parts, width)
    names = [f"{name}.{kind}" for name in attention.into for kind in ("weight", "bias") if f"{name}.{kind}" in state]
    widened = {name: _zero_filled(state[name], 0, input_rows, width * attention.parts) for name in names}
    return {**widened, f"{attention.out}.weight": _zero_filled(state[f"{attention.out}.weight"], 1, rows, width)}


def _zero_filled(weight: Tensor, axis: int, indices: Tensor, size: int) -> Tensor:
    shape = [size if number == axis else length for number, length in enumerate(weight.shape)]
    return weight.new_zeros(shape).index_copy(axis, indices.to(weight.device), weight)
