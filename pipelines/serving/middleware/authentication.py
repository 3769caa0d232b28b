"""Who may come in, and whether without a key: on the loopback only, and only until the first key is made."""

import logging
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

from anyio import to_thread

from pipelines.store import keymark, signin
from pipelines.store.keyring import RELIED_SECONDS, Caller, Keyring

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
OPEN = (
    "open: no API key was ever made, anybody on this machine may predict and give feedback; all else asks for a "
    "sign-in. To close it: needloop keys create NAME"
)
CLOSED = "every route but health asks for a sign-in or an API key. To make one: needloop keys create NAME"

Found = TypeVar("Found")
REMEMBERED = 1000


def local(host: str, names: Collection[str]) -> bool:
    """Whether only this machine is meant to ask: bound to the loopback, and under no name of its own."""
    return host in LOOPBACK and not names


class Authenticator:
    """Closes for good with the first key: neither revoking the last one nor losing the database opens it again."""

    def __init__(self, keyring: Keyring, local: bool, home: Path) -> None:
        self._keyring, self._closed, self._home = keyring, not local, home
        self._open_until, self._known = 0.0, dict[str, tuple[float, Caller | None]]()

    async def stands_open(self) -> bool:
        """Whether a key is not needed, as the keys were a tenth of a second ago or later."""
        if not self._closed and time.monotonic() >= self._open_until:
            until = time.monotonic() + RELIED_SECONDS
            self._closed = await self._key_was_made()
            self._open_until = until
        return not self._closed

    async def admit(self, secret: str) -> Caller | None:
        """Who holds this secret, as the keys were a tenth of a second ago or later."""
        until, caller = self._known.get(secret, (0.0, None))
        if time.monotonic() < until:
            return caller
        until = time.monotonic() + RELIED_SECONDS
        caller = signin.find(self._home, secret) or await self._asked(lambda: self._keyring.find(secret))
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[secret] = until, caller
        return caller

    async def tell(self) -> None:
        """Say in the log which it is."""
        await self._key_was_made()
        if await self.stands_open():
            log.warning(OPEN)
        else:
            log.info(CLOSED)

    async def _key_was_made(self) -> bool:
        """Whether one was, as the home or its database remembers; from then on the home remembers it in any case."""
        if keymark.marked(self._home):
            return True
        if made := await self._asked(self._keyring.used):
            try:
                keymark.mark(self._home)
            except OSError as error:
                log.error("cannot write %s, so only the database knows of the keys: %s", keymark.FILE, error)
        return made

    async def _asked(self, question: Callable[[], Found]) -> Found:
        return await to_thread.run_sync(question) if self._keyring.waits else question()
