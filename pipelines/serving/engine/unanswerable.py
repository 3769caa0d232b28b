"""Errors of a request that the client or the model causes."""

from collections.abc import Sequence


class EmptyText(ValueError):
    """Texts without a visible character; `indices` are their positions in the request."""

    def __init__(self, indices: Sequence[int]) -> None:
        super().__init__("a text needs at least one visible character")
        self.indices = indices


class ClientDisconnected(RuntimeError):
    """The client disconnected before its response."""

    def __init__(self) -> None:
        super().__init__("the client disconnected before it was answered")


class NonFiniteScore(ValueError):
    """A score that is NaN or infinite: it can be neither sent nor compared."""
