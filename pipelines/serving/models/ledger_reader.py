"""One reader of a ledger that grows: what it has seen once must not be missing later."""

from pipelines.home.faults import DatabaseFault
from pipelines.ledger.chain import BrokenLedger
from pipelines.ledger.entry import GENESIS, Entry
from pipelines.ledger.ledger import Ledger
from pipelines.masking.identity import BrokenKey

# Why a ledger cannot be read or believed now.
UNREADABLE = (BrokenLedger, BrokenKey, DatabaseFault, OSError)


class LedgerReader:
    """Remembers the state of the file and the last entry that were read."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._seen: tuple[int, int] | None = None
        self._head = GENESIS

    def changed(self) -> bool:
        """Whether the file is another than the one that was read last."""
        return self._stamp() != self._seen

    def forget(self) -> None:
        """Take the file for changed: it could not be read, and is to be tried again."""
        self._seen = None

    def entries(self) -> list[Entry]:
        """The ledger's entries, which must go on from those seen before. Raises what is UNREADABLE."""
        self._seen = self._stamp()
        entries = self._ledger.current()
        hashes = [GENESIS, *(entry.hash() for entry in entries)]
        if self._head not in hashes:
            raise BrokenLedger(f"{self._ledger.path} lost entries that were there: restore them, then needloop audit")
        self._head = hashes[-1]
        return entries

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = self._ledger.path.stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_size
