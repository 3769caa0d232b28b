"""Adversarial training at the embeddings: FGM (Miyato and others, 2017) and PGD (Madry and others, 2018)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from pipelines.catalog.recipe import Adversary


def adversarial_backward(input_module: nn.Module, loss: Callable[[], Tensor], adversary: Adversary) -> Tensor:
    """Accumulate the gradients of the clean and of the adversarial loss; return the clean loss.

    `input_module` is the module whose output `(batch, tokens, hidden)` is perturbed; `loss` runs the network once.
    Raises ValueError where the loss does not depend on that output.
    """
    with _perturbed(input_module, None) as outputs:
        plain = loss()
        plain.backward()
    states = outputs[0]
    radius = adversary.size * _norm(states.detach() * _token_mask(states.grad))
    delta = radius * _direction(states.grad)
    for _ in range(adversary.steps - 1 if adversary.kind == "pgd" else 0):
        with _perturbed(input_module, delta) as outputs:
            (gradient,) = torch.autograd.grad(loss(), outputs[0])
        delta = delta + 1.5 * radius / adversary.steps * _direction(gradient)
        delta = delta * (radius / _norm(delta)).clamp(max=1.0)
    with _perturbed(input_module, delta):
        loss().backward()
    return plain


def forward_passes(adversary: Adversary | None) -> int:
    """Number of forward passes for one loss."""
    if adversary is None:
        return 1
    return 2 if adversary.kind == "fgm" else 1 + adversary.steps


@contextmanager
def _perturbed(input_module: nn.Module, delta: Tensor | None) -> Iterator[list[Tensor]]:
    """Within, the module's output is moved by `delta`; the yielded list holds each output, with its gradient."""
    outputs: list[Tensor] = []

    def move(_module: nn.Module, _inputs: object, states: Tensor) -> Tensor:
        moved = states if delta is None else states + delta
        moved = moved if moved.requires_grad else moved.requires_grad_()
        moved.retain_grad()
        outputs.append(moved)
        return moved

    hook = input_module.register_forward_hook(move)
    try:
        yield outputs
    finally:
        hook.remove()


def _norm(states: Tensor) -> Tensor:
    """Euclidean norm of each text's states, `(batch, 1, 1)`."""
    norm: Tensor = torch.linalg.vector_norm(states, dim=(1, 2), keepdim=True)
    return norm.clamp(min=1e-12)


def _token_mask(gradient: Tensor | None) -> Tensor:
    """Mask of the tokens that the loss depends on, `(batch, tokens, 1)`: padding has no part in a text's norm."""
    return _direction(gradient).ne(0).any(-1, keepdim=True)


def _direction(gradient: Tensor | None) -> Tensor:
    if gradient is None:
        raise ValueError("the loss does not depend on the embeddings, so there is no adversarial direction")
    return gradient / _norm(gradient)
