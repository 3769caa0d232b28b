"""Who asks: a secret looked up as the keys are now."""

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
# How long a service may rely on what it read. Whoever changes the keys waits as long, so that the change counts
# everywhere when it is told.
RELIED_SECONDS = 0.1


@dataclass(frozen=True)
class Caller:
    """Who holds a valid key."""

    id: str
    name: str
    scopes: frozenset[str]

    def may(self, scopes: Collection[str]) -> bool:
        """Whether the key has all of these scopes; `admin` includes every other."""
        return "admin" in self.scopes or self.scopes.issuperset(scopes)


class Keyring:
    """Asks the database each time: over an open SQLite connection, which belongs to the thread that made it."""

    def __init__(self, engine: Engine, opened: sqlite3.Connection | None) -> None:
        self._engine, self._opened = engine, opened

    @property
    def waits(self) -> bool:
        """Whether an answer comes over a network, so that nothing else should wait for it."""
        return self._opened is None

    def find(self, secret: str) -> Caller | None:
        """Who holds the secret; None for one that is unknown or revoked."""
        shaped = SECRET.fullmatch(secret)
        row = shaped and self._first(FIND, id=shaped[1])
        if not row or not hmac.compare_digest(row[3], digest(secret)):
            return None
        return Caller(row[0], row[1], frozenset(row[2].split()))

    def used(self) -> bool:
        """Whether a key was ever made, be it revoked since."""
        return self._first(ANY) is not None

    def _first(self, query: str, **values: str) -> Any:
        if self._opened is not None:
            with explaining(self._engine):
                return self._opened.execute(query, values).fetchone()
        with self._engine.connect() as connection:
            return connection.execute(text(query), values).first()
