"""Attention heads are cut out of an encoder for good, and stay out when it is saved and restored.

A checkpoint keeps the shapes its config declares, with zeros where heads are left out: any tool loads it and answers
the same. The config's `kept_heads`, one list per layer, says what to cut out again.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from pipelines.training.pruning.attention import Attention, attentions, head_size, shared_biases, whole_count

COUNTS = ("num_attention_heads", "num_heads", "n_heads")  # what families call it on their attention modules
WIDTH = "all_head_size"
Kept = list[list[int]]


def kept_heads(encoder: Any) -> Kept | None:
    """The heads that are left in each layer, by their first numbers; None where all are."""
    found: Kept | None = getattr(encoder.config, "kept_heads", None)
    return found


def prune_heads(encoder: Any, kept: Kept) -> None:
    """Cut out of a whole encoder, in place, all heads but the kept ones. Raises NotPrunable."""
    heads, size = whole_count(encoder), head_size(encoder)
    for one, numbers in zip(attentions(encoder, [heads] * len(kept)), kept, strict=True):
        rows = places(numbers, size)
        for name in one.into:
            _cut(encoder.get_submodule(name), 0, _in_parts(rows, one.parts, heads * size))
        _cut(encoder.get_submodule(one.out), 1, rows)
        _count(encoder.get_submodule(one.layer), len(numbers), size)
    for name in shared_biases(encoder, heads):
        _cut(encoder.get_submodule(name), 1, torch.tensor(kept[0]))
    encoder.config.kept_heads = kept


def whole_state(encoder: Any) -> dict[str, Tensor]:
    """The encoder's state in the shapes its config declares: zeros where heads were cut out."""
    state: dict[str, Tensor] = encoder.state_dict()
    kept = kept_heads(encoder)
    if kept is None:
        return state
    heads, size = whole_count(encoder), head_size(encoder)
    for one, numbers in zip(attentions(encoder, [len(numbers) for numbers in kept]), kept, strict=True):
        state |= _widened(state, one, places(numbers, size), heads * size)
    for name in shared_biases(encoder, len(kept[0])):
        state[f"{name}.weight"] = _spread(state[f"{name}.weight"], 1, torch.tensor(kept[0]), heads)
    return state


def places(heads: Sequence[int], size: int) -> Tensor:
    """The dimensions of these heads among all, head after head."""
    return (torch.tensor(heads).unsqueeze(1) * size + torch.arange(size)).flatten()


def _in_parts(rows: Tensor, parts: int, width: int) -> Tensor:
    return torch.cat([rows + part * width for part in range(parts)])


def _cut(module: nn.Module, axis: int, kept: Tensor) -> None:
    """Keep these rows (axis 0, the bias too) or columns (axis 1) of a Linear, or columns of an Embedding."""
    for name, weight in list(module.named_parameters(recurse=False)):
        if weight.ndim > axis:
            cut = weight.detach().index_select(axis, kept.to(weight.device)).clone()
            setattr(module, name, nn.Parameter(cut, requires_grad=weight.requires_grad))
    width = "embedding_dim" if isinstance(module, nn.Embedding) else ("out_features", "in_features")[axis]
    setattr(module, width, len(kept))


def _count(layer: nn.Module, heads: int, size: int) -> None:
    """Tell the layer's modules how many heads they have now."""
    for module in layer.modules():
        for name in COUNTS:
            if hasattr(module, name):
                setattr(module, name, heads)
        if hasattr(module, WIDTH):
            setattr(module, WIDTH, heads * size)


def _widened(state: dict[str, Tensor], one: Attention, rows: Tensor, width: int) -> dict[str, Tensor]:
    inward = _in_parts(rows, one.parts, width)
    names = [f"{name}.{kind}" for name in one.into for kind in ("weight", "bias") if f"{name}.{kind}" in state]
    found = {name: _spread(state[name], 0, inward, width * one.parts) for name in names}
    return {**found, f"{one.out}.weight": _spread(state[f"{one.out}.weight"], 1, rows, width)}


def _spread(weight: Tensor, axis: int, kept: Tensor, size: int) -> Tensor:
    shape = [size if number == axis else length for number, length in enumerate(weight.shape)]
    return weight.new_zeros(shape).index_copy(axis, kept.to(weight.device), weight)
