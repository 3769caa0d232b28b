"""The API keys of a home: their changes, the lookup of a caller by secret, and the mark that a key was ever made."""

import hmac
import re
import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, text

from pipelines.store import keys
from pipelines.store.database import explaining
from pipelines.store.keys import Key, digest
from pipelines.store.store_part import StorePart
from pipelines.web.credentials import write_once

FIND = "SELECT id, name, scopes, digest FROM keys WHERE id = :id AND revoked IS NULL"
SECRET = re.compile(r"nl_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
ANY = "SELECT 1 FROM keys LIMIT 1"
# A service may cache a caller for this long. A change of the keys waits as long, so that every service applies it when
# the change is reported.
CACHE_SECONDS = 0.1
MARK_FILE = "keys.made"
MARK_TEXT = (
    "An API key was made for this home. While this file exists, the service requires keys, even with a new database.\n"
)
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Caller:
    """The holder of a valid key."""

    id: str
    name: str
    scopes: frozenset[str]

    def may(self, scopes: Collection[str]) -> bool:
        """True if the key has all of these scopes; `admin` includes every other."""
        return "admin" in self.scopes or self.scopes.issuperset(scopes)


class Keyring:
    """Queries the database at each lookup; an open SQLite connection belongs to the thread that made it."""

    def __init__(self, engine: Engine, connection: sqlite3.Connection | None) -> None:
        self._engine, self._connection = engine, connection

    @property
    def is_remote(self) -> bool:
        """True if a lookup goes over a network, so that it must not block an event loop."""
        return self._connection is None

    def find(self, secret: str) -> Caller | None:
        """The holder of the secret; None if it is unknown or revoked."""
        match = SECRET.fullmatch(secret)
        row = match and self._first_row(FIND, id=match[1])
        if not row or not hmac.compare_digest(row[3], digest(secret)):
            return None
        return Caller(row[0], row[1], frozenset(row[2].split()))

    def has_keys(self) -> bool:
        """True if a key was ever made, even if it was revoked since."""
        return self._first_row(ANY) is not None

    def _first_row(self, query: str, **values: str) -> Any:
        if self._connection is not None:
            with explaining(self._engine):
                return self._connection.execute(query, values).fetchone()
        with self._engine.connect() as connection:
            return connection.execute(text(query), values).first()


def mark(home: Path) -> None:
    """Mark the home as one with API keys. Raises OSError."""
    if not is_marked(home):
        write_once(home / MARK_FILE, MARK_TEXT.encode())


def is_marked(home: Path) -> bool:
    """True if the home is marked, or if the file cannot be read."""
    try:
        (home / MARK_FILE).stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


class KeyStore(StorePart):
    """The API keys of a database; a change returns when every service applies it."""

    _keepalive: sqlite3.Connection | None

    def create_key(self, name: str, scopes: Sequence[str]) -> str:
        """Make an API key; returns its secret, which cannot be shown again. Raises RefusedKey."""
        return self._change(keys.create, name, scopes)

    def list_keys(self) -> list[Key]:
        """All API keys, the revoked ones too, the newest last."""
        return self._read(keys.list_keys)

    def rotate_key(self, name: str) -> str:
        """Replace the secret of a key; the old secret is invalid. Raises UnknownKey."""
        return self._change(keys.rotate, name)

    def revoke_key(self, name: str) -> None:
        """Make a key invalid. Raises UnknownKey."""
        self._change(keys.revoke, name)

    def keyring(self, open_connection: bool = True) -> Keyring:
        """The lookup of a caller by secret.

        With `open_connection`, on SQLite, over a connection that stays open, only in the thread that opened this store.
        """
        return Keyring(self._engine, self._keepalive if open_connection else None)

    def _change(self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Change the keys, and wait until no service relies on its cache."""
        changed = self._write(change, *args, **kwargs)
        time.sleep(CACHE_SECONDS)
        return changed
