"""Importance of attention heads: the change of the loss when a head's output is scaled down."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from pipelines.training.network.batches import batches_by_length
from pipelines.training.network.network import Network
from pipelines.training.optimisation.training_objective import Examples
from pipelines.training.pruning.attention import Attention, head_size, original_head_count


def head_importance(net: Network, examples: Examples, attentions: Sequence[Attention]) -> Tensor:
    """Mean over the examples of `|dL/dg|`, `(layers, heads)`, where `g` = 1 multiplies a head's output.

    Each layer's row has length 1 (Michel, Levy and Neubig, 2019).
    """
    net.model.eval()
    total = torch.zeros(len(attentions), original_head_count(net.model.encoder))
    for batch in batches_by_length([len(row) for row in examples.rows], 32):
        part = examples.select(batch)
        gates = torch.ones(len(attentions), len(batch), total.shape[1], device=net.device, requires_grad=True)
        with gated_heads(net.model.encoder, attentions, gates):
            loss = part.objective.losses(net.logits(part.rows), part.targets.to(net.device), 0.0).sum()
        total += torch.autograd.grad(loss, gates)[0].abs().sum(1).cpu()  # per example: each has gates of its own
    return nn.functional.normalize(total, dim=1)


@contextmanager
def gated_heads(encoder: Any, attentions: Sequence[Attention], gates: Tensor) -> Iterator[None]:
    """Within, each head's output is multiplied by its gate, `(layers, batch, heads)`."""
    hooks = [
        encoder.get_submodule(attention.out).register_forward_pre_hook(_gate_hook(gate, head_size(encoder)))
        for attention, gate in zip(attentions, gates, strict=True)
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _gate_hook(gate: Tensor, size: int) -> Any:
    def hook(_: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        return (inputs[0] * gate.repeat_interleave(size, 1).unsqueeze(1),)  # `(batch, tokens, heads x size)`

    return hook
