"""What each attention head is worth: how much the loss would change if the head were turned down."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from pipelines.training.network.batches import in_order
from pipelines.training.network.network import Network
from pipelines.training.optimisation.training_objective import Examples
from pipelines.training.pruning.attention import Attention, head_size, whole_count


def head_importance(net: Network, examples: Examples, found: Sequence[Attention]) -> Tensor:
    """`(layers, heads)`: mean over the examples of `|dL/dg|`, where `g` multiplies a head's output and is 1.

    Each layer's row has length 1 (Michel, Levy and Neubig, 2019).
    """
    net.model.eval()
    total = torch.zeros(len(found), whole_count(net.model.encoder))
    for batch in in_order([len(row) for row in examples.rows], 32):
        part = examples.chosen(batch)
        gates = torch.ones(len(found), len(batch), total.shape[1], device=net.place, requires_grad=True)
        with gated(net.model.encoder, found, gates):
            loss = part.objective.losses(net.logits(part.rows), part.targets.to(net.place), 0.0).sum()
        total += torch.autograd.grad(loss, gates)[0].abs().sum(1).cpu()  # of each example apart: they share no gate
    return nn.functional.normalize(total, dim=1)


@contextmanager
def gated(encoder: Any, found: Sequence[Attention], gates: Tensor) -> Iterator[None]:
    """Within, each head's output is multiplied by its gate, `(layers, batch, heads)`."""
    hooks = [
        encoder.get_submodule(one.out).register_forward_pre_hook(_multiplied(gate, head_size(encoder)))
        for one, gate in zip(found, gates, strict=True)
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _multiplied(gate: Tensor, size: int) -> Any:
    def hook(_: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        return (inputs[0] * gate.repeat_interleave(size, 1).unsqueeze(1),)  # `(batch, tokens, heads x size)`

    return hook
