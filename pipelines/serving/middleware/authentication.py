"""Authentication by API key or sign-in; anonymous access is allowed on the loopback until the first key is created."""

import logging
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

from anyio import to_thread

from pipelines.store import keyring, signin
from pipelines.store.keyring import CACHE_SECONDS, Caller, Keyring

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
OPEN = (
    "anonymous access is open: no API key was ever made, so any process on this machine may predict and give feedback; "
    "every other route requires a sign-in. To close it: needloop keys create NAME"
)
CLOSED = "every route except health requires a sign-in or an API key. To create a key: needloop keys create NAME"

Result = TypeVar("Result")
MAX_CACHED = 1000


def is_local(host: str, names: Collection[str]) -> bool:
    """True if only this machine may connect: the host is the loopback and no other name is configured."""
    return host in LOOPBACK and not names


class Authenticator:
    """Authenticates callers. Anonymous access ends permanently with the first key, even if all keys are later revoked.

    Losing the database does not restore it either.
    """

    def __init__(self, keyring: Keyring, local: bool, home: Path) -> None:
        self._keyring, self._keys_required, self._home = keyring, not local, home
        self._open_until, self._cached = 0.0, dict[str, tuple[float, Caller | None]]()

    async def anonymous_allowed(self) -> bool:
        """True if no key is needed, by the keys of at most 0.1 s ago."""
        if not self._keys_required and time.monotonic() >= self._open_until:
            until = time.monotonic() + CACHE_SECONDS
            self._keys_required = await self._key_exists()
            self._open_until = until
        return not self._keys_required

    async def authenticate(self, secret: str) -> Caller | None:
        """The caller with this secret, by the keys of at most 0.1 s ago; None if it is unknown or revoked."""
        until, caller = self._cached.get(secret, (0.0, None))
        if time.monotonic() < until:
            return caller
        until = time.monotonic() + CACHE_SECONDS
        caller = signin.find(self._home, secret) or await self._query(lambda: self._keyring.find(secret))
        if len(self._cached) >= MAX_CACHED:
            self._cached.clear()
        self._cached[secret] = until, caller
        return caller

    async def log_mode(self) -> None:
        """Log whether anonymous access is allowed."""
        await self._key_exists()
        if await self.anonymous_allowed():
            log.warning(OPEN)
        else:
            log.info(CLOSED)

    async def _key_exists(self) -> bool:
        """True if the home or its database records a key; the home then records it for good."""
        if keyring.is_marked(self._home):
            return True
        if exists := await self._query(self._keyring.has_keys):
            try:
                keyring.mark(self._home)
            except OSError as error:
                log.error("cannot write %s, so only the database records that keys exist: %s", keyring.MARK_FILE, error)
        return exists

    async def _query(self, query: Callable[[], Result]) -> Result:
        return await to_thread.run_sync(query) if self._keyring.is_remote else query()
