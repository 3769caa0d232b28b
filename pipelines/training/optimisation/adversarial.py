"""Learning at the worst point near each text: FGM (Miyato and others, 2017) and PGD (Madry and others, 2018)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from pipelines.catalog.recipe import Adversary


def hardened(entrance: nn.Module, loss: Callable[[], Tensor], adversary: Adversary) -> Tensor:
    """Gather the gradients of the loss at the texts and at the worst points near them; the loss at the texts.

    `entrance` is the module whose output `(batch, tokens, hidden)` is moved; `loss` runs the network once.
    """
    with _moved(entrance, None) as seen:
        plain = loss()
        plain.backward()
    states = seen[0]
    reach = adversary.size * _norm(states.detach() * _read(states.grad))
    delta = reach * _direction(states.grad)
    for _ in range(adversary.steps - 1 if adversary.kind == "pgd" else 0):
        with _moved(entrance, delta) as seen:
            (gradient,) = torch.autograd.grad(loss(), seen[0])
        delta = delta + 1.5 * reach / adversary.steps * _direction(gradient)
        delta = delta * (reach / _norm(delta)).clamp(max=1.0)
    with _moved(entrance, delta):
        loss().backward()
    return plain


def passes_of(adversary: Adversary | None) -> int:
    """How often the network runs for one loss."""
    if adversary is None:
        return 1
    return 2 if adversary.kind == "fgm" else 1 + adversary.steps


@contextmanager
def _moved(entrance: nn.Module, delta: Tensor | None) -> Iterator[list[Tensor]]:
    """Within, `delta` is added to what leaves the entrance; what left it is kept, with its gradient."""
    seen: list[Tensor] = []

    def move(_module: nn.Module, _inputs: object, states: Tensor) -> Tensor:
        moved = states if delta is None else states + delta
        moved = moved if moved.requires_grad else moved.requires_grad_()
        moved.retain_grad()
        seen.append(moved)
        return moved

    hook = entrance.register_forward_hook(move)
    try:
        yield seen
    finally:
        hook.remove()


def _norm(states: Tensor) -> Tensor:
    """Euclidean norm of each text's states, `(batch, 1, 1)`."""
    norm: Tensor = torch.linalg.vector_norm(states, dim=(1, 2), keepdim=True)
    return norm.clamp(min=1e-12)


def _read(gradient: Tensor | None) -> Tensor:
    """Which tokens the answer depends on, `(batch, tokens, 1)`: padding has no part in a text's norm."""
    return _direction(gradient).ne(0).any(-1, keepdim=True)


def _direction(gradient: Tensor | None) -> Tensor:
    if gradient is None:
        raise ValueError("the loss does not depend on what leaves the entrance")
    return gradient / _norm(gradient)
