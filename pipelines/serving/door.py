"""Whether anybody may come in without a key: on the loopback only, and only until the first key is made."""

import logging
from collections.abc import Callable, Collection
from typing import TypeVar

from anyio import to_thread

from pipelines.store.keyring import Caller, Keyring

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
OPEN = "open: no API key was ever made, anybody on this machine may ask. To close it: needloop keys create NAME"
CLOSED = "every route but health asks for an API key. To make one: needloop keys create NAME"

Found = TypeVar("Found")


def local(host: str, names: Collection[str]) -> bool:
    """Whether only this machine is meant to ask: bound to the loopback, and under no name of its own."""
    return host in LOOPBACK and not names


class Door:
    """Closes for good with the first key: that the last one was revoked must not open it."""

    def __init__(self, keyring: Keyring, local: bool) -> None:
        self._keyring, self._closed = keyring, not local

    async def stands_open(self) -> bool:
        """Whether a key is not needed, at this moment."""
        if not self._closed:
            self._closed = await self._asked(self._keyring.used)
        return not self._closed

    async def admit(self, secret: str) -> Caller | None:
        """Who holds this secret, at this moment."""
        return await self._asked(lambda: self._keyring.find(secret))

    async def tell(self) -> None:
        """Say in the log which it is."""
        if await self.stands_open():
            log.warning(OPEN)
        else:
            log.info(CLOSED)

    async def _asked(self, question: Callable[[], Found]) -> Found:
        return await to_thread.run_sync(question) if self._keyring.waits else question()
