"""Interface of an adapter for the training loop and for saving."""

from torch import Tensor


class NoAdapter:
    """No adapter; base class of those that add a penalty, follow the steps or are merged."""

    def penalty(self) -> Tensor | float:
        """Term that is added to the mean loss of a batch."""
        return 0.0

    def after_step(self, step: int, steps: int) -> None:
        """Called after optimiser step `step` (from 1) of `steps`; gradients are still available."""

    def merge(self) -> None:
        """Merge the trained weights into the encoder's own and remove the adapter."""
