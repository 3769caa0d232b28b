"""What keeps an answer from being given, for which the asker or the model is to blame."""

from collections.abc import Sequence


class EmptyText(ValueError):
    """Texts without a visible character; `places` are their indices."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__("a text needs at least one visible character")
        self.places = places


class ClientDisconnected(RuntimeError):
    """A client that left before it was answered."""

    def __init__(self) -> None:
        super().__init__("the client hung up before it was answered")


class NonFiniteScore(ValueError):
    """A score that is no number: it can neither be sent nor compared."""
