"""What stands beside an encoder while it learns, as the training loop and the saving see it."""

from torch import Tensor


class Attached:
    """Nothing beside the encoder: asks nothing of the loop, leaves nothing to merge."""

    def penalty(self) -> Tensor | float:
        """What is added to the mean loss of a batch."""
        return 0.0

    def after_step(self, step: int, steps: int) -> None:
        """Follow the optimiser's step number `step`, the first being 1, of `steps`; gradients are still there."""

    def merge(self) -> None:
        """Take what was learnt into the encoder's own weights and leave the encoder plain again."""
