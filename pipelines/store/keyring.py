"""Lookup of a caller by the secret of an API key."""

import hmac
import re
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text

from pipelines.store.database import explaining
from pipelines.store.keys import digest

FIND = "SELECT id, name, scopes, digest FROM keys WHERE id = :id AND revoked IS NULL"
SECRET = re.compile(r"nl_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
ANY = "SELECT 1 FROM keys LIMIT 1"
# A service may cache a caller for this long. A change of the keys waits as long, so that every service applies it when
# the change is reported.
CACHE_SECONDS = 0.1


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
