"""Incremental reading of the ledger: entries once seen must not be missing later; and the pauses in it."""

from collections.abc import Mapping

from pipelines.home.faults import DatabaseFault
from pipelines.kinds.kind import Answer
from pipelines.ledger.chain import BrokenLedger
from pipelines.ledger.entry import GENESIS, Entry, EventEntry
from pipelines.ledger.events import Pause
from pipelines.ledger.ledger import Ledger
from pipelines.masking.identity import BrokenKey
from pipelines.promotion.pausing import active_pauses

# Errors of a ledger that cannot be read or verified.
UNREADABLE = (BrokenLedger, BrokenKey, DatabaseFault, OSError)


class LedgerReader:
    """Reads a ledger whenever its file changes, and verifies that it only grows."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._read_stamp: tuple[int, int] | None = None
        self._head = GENESIS

    def changed(self) -> bool:
        """True if the file differs from the one that was read last."""
        return self._stamp() != self._read_stamp

    def forget(self) -> None:
        """Report the file as changed, so that a failed read is repeated."""
        self._read_stamp = None

    def entries(self) -> list[Entry]:
        """The ledger's entries, which must continue those seen before. Raises the errors of UNREADABLE."""
        self._read_stamp = self._stamp()
        entries = self._ledger.current()
        hashes = [GENESIS, *(entry.hash() for entry in entries)]
        if self._head not in hashes:
            raise BrokenLedger(
                f"{self._ledger.path} lost entries that were there: restore them, then run needloop audit"
            )
        self._head = hashes[-1]
        return entries

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = self._ledger.path.stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_size


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
