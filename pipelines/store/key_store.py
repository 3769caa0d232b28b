"""The store's API keys."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from pipelines.store import keys
from pipelines.store.keyring import CACHE_SECONDS, Keyring
from pipelines.store.keys import Key
from pipelines.store.store_part import StorePart

P = ParamSpec("P")
T = TypeVar("T")


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
