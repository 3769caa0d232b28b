"""Early stopping that acts only on what validation rows can tell: a few more errors on a hundred rows are chance."""

import numpy as np
import numpy.typing as npt
from torch import Tensor

from pipelines.evaluation.significance import Pairs
from pipelines.training.network.network import Network

CHANCE = 0.01  # of calling a state worse that is as good; a run has several checks
Right = npt.NDArray[np.bool_]


def shown_worse(right: Right, before: Right) -> bool:
    """Whether more of the same rows went wrong than chance explains: McNemar's exact test, one side."""
    gained, lost = int((right & ~before).sum()), int((before & ~right).sum())
    return Pairs(gained, lost).p_worse < CHANCE


class EarlyStopping:
    """Leaves the network in its last state, unless an earlier state is shown to be better.

    A check is told which validation rows are right, `(rows,)`; without rows nothing is ever shown. The start is a state
    to come back to, but patience does not count from it: a warm head is often better than the first epochs after.
    """

    def __init__(self, network: Network, patience: int, start: Right | None) -> None:
        self.network, self.patience = network, patience
        self.last = self.best = (start, self._copy())
        self.peak: Right | None = None
        self.worse = 0  # checks in a row

    def stop(self, right: Right) -> bool:
        """Take in a check; true once as many in a row as patience allows were shown worse than the best of them."""
        self.last = right, self._copy()
        if self.best[0] is None or right.sum() >= self.best[0].sum():
            self.best = self.last
        if self.peak is None or right.sum() >= self.peak.sum():
            self.peak = right
        self.worse = self.worse + 1 if shown_worse(right, self.peak) else 0
        return self.worse >= self.patience

    def restore(self) -> None:
        """Put the state that is left into the network."""
        (last, state), (best, earlier) = self.last, self.best
        better = last is not None and best is not None and shown_worse(last, best)
        self.network.model.load_state_dict(earlier if better else state, strict=False)

    def _copy(self) -> dict[str, Tensor]:
        learnt = {name for name, weight in self.network.model.named_parameters() if weight.requires_grad}
        state = self.network.model.state_dict()
        return {name: value.detach().clone() for name, value in state.items() if name in learnt}
