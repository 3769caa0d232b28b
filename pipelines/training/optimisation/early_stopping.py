"""Early stopping on significant losses only: a few more errors on a hundred validation rows are chance."""

import numpy as np
import numpy.typing as npt
from torch import Tensor

from pipelines.statistics.significance import Pairs
from pipelines.training.network.network import Network

SIGNIFICANCE = 0.01  # low, since a run has several checks
Correct = npt.NDArray[np.bool_]


def significantly_worse(right: Correct, before: Correct) -> bool:
    """True if more of the same rows went wrong than chance explains: McNemar's exact test, one side."""
    gained, lost = int((right & ~before).sum()), int((before & ~right).sum())
    return Pairs(gained, lost).p_worse < SIGNIFICANCE


class EarlyStopping:
    """Keeps the last state of the network, unless an earlier state is significantly better on validation rows.

    A check takes which validation rows are right, `(rows,)`; without rows nothing is ever significant. The start may be
    restored, but patience does not count from it: a warm head is often better than the first epochs after it.
    """

    def __init__(self, network: Network, patience: int, start: Correct | None) -> None:
        self.network, self.patience = network, patience
        self.last = self.best = (start, self._copy())
        self.peak: Correct | None = None
        self.worse = 0  # checks in a row

    def stop(self, right: Correct) -> bool:
        """Record a check; True after `patience` checks in a row that are significantly worse than the best one."""
        self.last = right, self._copy()
        if self.best[0] is None or right.sum() >= self.best[0].sum():
            self.best = self.last
        if self.peak is None or right.sum() >= self.peak.sum():
            self.peak = right
        self.worse = self.worse + 1 if significantly_worse(right, self.peak) else 0
        return self.worse >= self.patience

    def restore(self) -> None:
        """Load the kept state into the network."""
        (last, state), (best, earlier) = self.last, self.best
        better = last is not None and best is not None and significantly_worse(last, best)
        self.network.model.load_state_dict(earlier if better else state, strict=False)

    def _copy(self) -> dict[str, Tensor]:
        trainable = {name for name, weight in self.network.model.named_parameters() if weight.requires_grad}
        state = self.network.model.state_dict()
        return {name: value.detach().clone() for name, value in state.items() if name in trainable}
