"""The last ledger entry that the database saw, which reveals ledger files that were replaced by older ones."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.store.store_part import StorePart
from pipelines.store.tables import FEEDBACK, HEADS, PREDICTIONS, USES


@dataclass(frozen=True)
class Head:
    """The number of entries of a ledger, and the hash of the last."""

    entries: int
    hash: str


def find(connection: Connection, key: bytes) -> Head | None:
    """The last entry seen of the ledger that is signed with this key."""
    row = connection.execute(select(HEADS.c.entries, HEADS.c.hash).where(HEADS.c.home == _home_id(key))).one_or_none()
    return Head(*row) if row else None


def record(connection: Connection, key: bytes, head: Head) -> None:
    """Record the ledger's last entry, unless a later one is recorded."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {"entries": head.entries, "hash": head.hash, "time": datetime.now(UTC)}
    row = dialect.insert(HEADS).values(home=_home_id(key), **values)
    is_later = HEADS.c.entries < row.excluded.entries
    connection.execute(row.on_conflict_do_update(index_elements=["home"], set_=values, where=is_later))


def record_loss(connection: Connection, key: bytes, head: Head, since: datetime) -> None:
    """Record that this database is newer than its ledger, if it has no row from before `since`."""
    columns = (PREDICTIONS.c.time, FEEDBACK.c.time, USES.c.time)
    if any(connection.execute(select(column).where(column < since).limit(1)).first() for column in columns):
        return
    values = {"home": _loss_id(key), "entries": head.entries, "hash": head.hash, "time": datetime.now(UTC)}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(HEADS).values(values).on_conflict_do_nothing())


def lost_entries(connection: Connection, key: bytes) -> int:
    """The number of ledger entries when this database was made anew; 0 if it was not."""
    return connection.scalar(select(HEADS.c.entries).where(HEADS.c.home == _loss_id(key))) or 0


def accept_loss(connection: Connection, key: bytes) -> None:
    """Forget that this database was made anew."""
    connection.execute(delete(HEADS).where(HEADS.c.home == _loss_id(key)))


def forget(connection: Connection, key: bytes) -> None:
    """Forget the ledger's last entry, because an older ledger was restored on purpose."""
    connection.execute(delete(HEADS).where(HEADS.c.home.in_((_home_id(key), _loss_id(key)))))


def depends_on_key(connection: Connection) -> bool:
    """True if a ledger was seen, or a prediction has the keyed hash of a customer."""
    customers = select(PREDICTIONS.c.id).where(PREDICTIONS.c.customer.is_not(None))
    return any(connection.execute(rows.limit(1)).first() for rows in (select(HEADS.c.home), customers))


def _home_id(key: bytes) -> str:
    return hmac.new(key, b"home", hashlib.sha256).hexdigest()


def _loss_id(key: bytes) -> str:
    return hmac.new(key, b"lost", hashlib.sha256).hexdigest()


class LedgerHeadStore(StorePart):
    """The ledger heads of a database; `key` is the key that signs the ledger."""

    def head(self, key: bytes) -> Head | None:
        """The last ledger entry that this database saw."""
        return self._read(find, key)

    def record_head(self, key: bytes, head: Head) -> None:
        """Record the ledger's last entry, unless a later one is recorded."""
        self._write(record, key, head)

    def record_loss(self, key: bytes, head: Head, since: datetime) -> None:
        """Record that this database is newer than its ledger, if it has no row from before `since`."""
        self._write(record_loss, key, head, since)

    def lost_entries(self, key: bytes) -> int:
        """The number of ledger entries when this database was made anew; 0 if it was not."""
        return self._read(lost_entries, key)

    def accept_loss(self, key: bytes) -> None:
        """Accept a database that was made anew as complete."""
        self._write(accept_loss, key)

    def forget_head(self, key: bytes) -> None:
        """Forget the ledger's last entry, because an older ledger was restored on purpose."""
        self._write(forget, key)

    def needs_key(self) -> bool:
        """True if a row can only be read with the key of the home that wrote it."""
        return self._read(depends_on_key)
