"""How far the ledger of a home went: what the ledger's own files cannot tell where both are replaced by older ones."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.store.tables import FEEDBACK, HEADS, PREDICTIONS, USES


@dataclass(frozen=True)
class Head:
    """The number of entries of a ledger, and the hash of the last."""

    entries: int
    hash: str


def find(connection: Connection, key: bytes) -> Head | None:
    """The farthest that was seen of the ledger that is signed with this key."""
    row = connection.execute(select(HEADS.c.entries, HEADS.c.hash).where(HEADS.c.home == _home(key))).one_or_none()
    return Head(*row) if row else None


def see(connection: Connection, key: bytes, head: Head) -> None:
    """Remember it, unless the ledger was seen to go farther."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {"entries": head.entries, "hash": head.hash, "time": datetime.now(UTC)}
    row = dialect.insert(HEADS).values(home=_home(key), **values)
    farther = HEADS.c.entries < row.excluded.entries
    connection.execute(row.on_conflict_do_update(index_elements=["home"], set_=values, where=farther))


def mourn(connection: Connection, key: bytes, head: Head, since: datetime) -> None:
    """Remember that this database met a ledger that went that far, if it keeps nothing from before `since`."""
    columns = (PREDICTIONS.c.time, FEEDBACK.c.time, USES.c.time)
    if any(connection.execute(select(column).where(column < since).limit(1)).first() for column in columns):
        return
    values = {"home": _lost(key), "entries": head.entries, "hash": head.hash, "time": datetime.now(UTC)}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(HEADS).values(values).on_conflict_do_nothing())


def lost(connection: Connection, key: bytes) -> int:
    """How many entries the ledger had when this database was made anew; 0 where it never was."""
    return connection.scalar(select(HEADS.c.entries).where(HEADS.c.home == _lost(key))) or 0


def accept(connection: Connection, key: bytes) -> None:
    """Forget that this database was made anew."""
    connection.execute(delete(HEADS).where(HEADS.c.home == _lost(key)))


def forget(connection: Connection, key: bytes) -> None:
    """Forget it: an older ledger was put back on purpose."""
    connection.execute(delete(HEADS).where(HEADS.c.home.in_((_home(key), _lost(key)))))


def keyed(connection: Connection) -> bool:
    """Whether a ledger was seen, or a customer is kept as a keyed hash."""
    customers = select(PREDICTIONS.c.id).where(PREDICTIONS.c.customer.is_not(None))
    return any(connection.execute(rows.limit(1)).first() for rows in (select(HEADS.c.home), customers))


def _home(key: bytes) -> str:
    return hmac.new(key, b"home", hashlib.sha256).hexdigest()


def _lost(key: bytes) -> str:
    return hmac.new(key, b"lost", hashlib.sha256).hexdigest()
