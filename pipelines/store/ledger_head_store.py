"""The store's records of the ledger: its last entry that this database saw."""

from datetime import datetime

from pipelines.store import ledger_heads
from pipelines.store.ledger_heads import Head
from pipelines.store.store_part import StorePart


class LedgerHeadStore(StorePart):
    """The ledger heads of a database; `key` is the key that signs the ledger."""

    def head(self, key: bytes) -> Head | None:
        """The last ledger entry that this database saw."""
        return self._read(ledger_heads.find, key)

    def record_head(self, key: bytes, head: Head) -> None:
        """Record the ledger's last entry, unless a later one is recorded."""
        self._write(ledger_heads.record, key, head)

    def record_loss(self, key: bytes, head: Head, since: datetime) -> None:
        """Record that this database is newer than its ledger, if it has no row from before `since`."""
        self._write(ledger_heads.record_loss, key, head, since)

    def lost_entries(self, key: bytes) -> int:
        """The number of ledger entries when this database was made anew; 0 if it was not."""
        return self._read(ledger_heads.lost_entries, key)

    def accept_loss(self, key: bytes) -> None:
        """Accept a database that was made anew as complete."""
        self._write(ledger_heads.accept_loss, key)

    def forget_head(self, key: bytes) -> None:
        """Forget the ledger's last entry, because an older ledger was restored on purpose."""
        self._write(ledger_heads.forget, key)

    def needs_key(self) -> bool:
        """True if a row can only be read with the key of the home that wrote it."""
        return self._read(ledger_heads.depends_on_key)
