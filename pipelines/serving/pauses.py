"""Which models a person has paused: followed apart from the champions, because loading one of those takes its time."""

from collections.abc import Mapping

from pipelines.inference.packaged import Answer
from pipelines.ledger import BrokenLedger, Entry, Ledger
from pipelines.promotion.pausing import paused
from pipelines.serving.following import Following


class Pauses:
    """The entries that paused, by model. A ledger that cannot be believed ends no pause."""

    def __init__(self, ledger: Ledger) -> None:
        self.entries: Mapping[str, Entry] = {}
        self._following = Following(ledger)

    def due(self) -> bool:
        """Whether the ledger changed, or could not be read the last time."""
        return self._following.changed()

    def refresh(self) -> None:
        """Read the ledger; the champions' reader, who meets the same errors, tells people about them."""
        try:
            self.entries = paused(self._following.entries())
        except (BrokenLedger, OSError):
            self._following.forget()


def instead(pause: Entry) -> Answer:
    """What a paused model answers to every text: the fixed label, or none. No scores: it was not asked."""
    return Answer(pause.answer, 1.0 if pause.answer else 0.0, {}, abstained=not pause.answer)
