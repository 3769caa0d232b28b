"""Training objective: the weighted loss of a kind, with R-Drop, distillation or adversarial training on request.

Adversarial training is at the embeddings: FGM (Miyato and others, 2017) and PGD (Madry and others, 2018).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pipelines.catalog.recipe import Adversary, Recipe
from pipelines.kinds.objective import Objective
from pipelines.training.network.network import Network


@dataclass(frozen=True)
class Examples:
    """Encoded rows, their targets `(rows, ...)` and weights `(rows,)`; `objective` is the loss of their kind.

    `teacher_logits` are those of an ensemble that is distilled.
    """

    rows: Sequence[Tensor]
    targets: Tensor
    weights: Tensor
    objective: Objective
    teacher_logits: Tensor | None = None

    def select(self, batch: Sequence[int]) -> "Examples":
        """The examples at these indices."""
        indices = torch.tensor(batch)
        teacher_logits = None if self.teacher_logits is None else self.teacher_logits[indices]
        rows = [self.rows[index] for index in batch]
        return Examples(rows, self.targets[indices], self.weights[indices], self.objective, teacher_logits)

    @property
    def groups(self) -> Tensor:
        """Group number per row, `(rows,)`, equal for equal targets; -1 for an unknown target."""
        return self.objective.groups(self.targets)


def batch_loss(network: Network, part: Examples, recipe: Recipe, total: float) -> Tensor:
    """Loss of a part of a batch whose weights sum to `total`: the parts add up to the batch's loss."""
    targets, weights = part.targets.to(network.device), part.weights.to(network.device)
    if recipe.r_drop:
        first, second = network.logits([*part.rows, *part.rows]).chunk(2)
        losses = (_example_losses(first, targets, part, recipe) + _example_losses(second, targets, part, recipe)) / 2
        losses = losses + recipe.r_drop * part.objective.disagreement(first, second)
    else:
        losses = _example_losses(network.logits(part.rows), targets, part, recipe)
    return (losses * weights).sum() / max(total, 1e-9)


def _example_losses(logits: Tensor, targets: Tensor, part: Examples, recipe: Recipe) -> Tensor:
    """Loss per example, `(batch,)`; an unknown target leaves the teacher's part only."""
    plain = part.objective.losses(logits, targets, recipe.label_smoothing)
    if part.teacher_logits is None or recipe.ensemble is None:
        return plain
    share, temperature = recipe.ensemble.share, recipe.ensemble.temperature
    teacher_logits = part.teacher_logits.to(logits.device)
    return (1 - share) * plain + share * part.objective.distance(logits, teacher_logits, temperature)


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
