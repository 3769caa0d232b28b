"""Paused models, read apart from the champions, because loading a champion takes seconds."""

from collections.abc import Mapping

from pipelines.kinds.kind import Answer
from pipelines.ledger.entry import EventEntry
from pipelines.ledger.events import Pause
from pipelines.ledger.ledger import Ledger
from pipelines.promotion.pausing import active_pauses
from pipelines.serving.models.ledger_reader import UNREADABLE, LedgerReader


class Pauses:
    """The pause entry of each paused model. An unreadable ledger ends no pause."""

    def __init__(self, ledger: Ledger) -> None:
        self.entries: Mapping[str, EventEntry[Pause]] = {}
        self._reader = LedgerReader(ledger)

    def due(self) -> bool:
        """True if the ledger changed, or the last read failed."""
        return self._reader.changed()

    def refresh(self) -> None:
        """Read the ledger; the reader of the champions reports its errors."""
        try:
            self.entries = active_pauses(self._reader.entries())
        except UNREADABLE:
            self._reader.forget()


def pause_answer(pause: EventEntry[Pause], kind: str) -> Answer:
    """A paused model's answer to every text: the fixed label, or none; without scores."""
    label = pause.event.answer
    return Answer(kind, {}, label, 1.0 if label else 0.0, abstained=not label)
