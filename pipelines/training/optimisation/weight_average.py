"""Exponential moving average of the weights: steadier than the last step, at no cost when serving."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class WeightAverage:
    """Exponential mean of the trainable weights (Polyak and Juditsky, 1992); a small decay at first drops the start."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.weights = [weight for weight in model.parameters() if weight.requires_grad] if decay else []
        self.mean: list[Tensor] = [weight.detach().clone() for weight in self.weights]
        self.decay, self.steps = decay, 0

    def update(self) -> None:
        """Add the weights after a step to the mean."""
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 9))
        if self.weights:
            torch._foreach_lerp_(self.mean, [weight.detach() for weight in self.weights], 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within, the model has the mean in place of its weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for weight, mean in zip(self.weights, self.mean, strict=True):
            current = weight.detach().clone()
            weight.copy_(mean)
            mean.copy_(current)
