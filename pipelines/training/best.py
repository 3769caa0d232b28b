"""The best state seen, kept while the rest goes on: early stopping gives it back."""

from torch import Tensor

from pipelines.training.network import Network


class Best:
    """The trainable state with the highest score, and for how many checks none was better.

    The start is a state to come back to, but no bar to clear: a warm head is often better than the first epochs after.
    """

    def __init__(self, network: Network, score: float) -> None:
        self.network, self.score, self.checks, self.since = network, score, 0, -1.0
        self.state = self._copy()

    def _copy(self) -> dict[str, Tensor]:
        learnt = {name for name, weight in self.network.model.named_parameters() if weight.requires_grad}
        state = self.network.model.state_dict()
        return {name: value.detach().clone() for name, value in state.items() if name in learnt}

    def stale(self, score: float) -> int:
        """Remember a better state; the number of checks since the best check."""
        self.checks = 0 if score > self.since else self.checks + 1
        self.since = max(self.since, score)
        if score > self.score:
            self.score = score
            self.keep()
        return self.checks

    def keep(self) -> int:
        """Remember the state as the best there is."""
        self.state = self._copy()
        return 0

    def restore(self) -> None:
        """Put the best state back."""
        self.network.model.load_state_dict(self.state, strict=False)
