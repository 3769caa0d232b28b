"""Which models a person has paused: followed apart from the champions, because loading one of those takes its time."""

from collections.abc import Mapping

from pipelines.kinds.kind import Answer
from pipelines.ledger.entry import Record
from pipelines.ledger.events import Pause
from pipelines.ledger.ledger import Ledger
from pipelines.promotion.pausing import paused
from pipelines.serving.models.ledger_reader import UNREADABLE, LedgerReader


class Pauses:
    """The entries that paused, by model. A ledger that cannot be believed ends no pause."""

    def __init__(self, ledger: Ledger) -> None:
        self.entries: Mapping[str, Record[Pause]] = {}
        self._following = LedgerReader(ledger)

    def due(self) -> bool:
        """Whether the ledger changed, or could not be read the last time."""
        return self._following.changed()

    def refresh(self) -> None:
        """Read the ledger; the champions' reader, who meets the same errors, tells people about them."""
        try:
            self.entries = paused(self._following.entries())
        except UNREADABLE:
            self._following.forget()


def pause_answer(pause: Record[Pause], kind: str) -> Answer:
    """What a paused model answers to every text: the fixed label, or none. No scores: it was not asked."""
    label = pause.event.answer
    return Answer(kind, {}, label, 1.0 if label else 0.0, abstained=not label)
