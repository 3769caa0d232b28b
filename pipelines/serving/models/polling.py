"""A thread that looks at the ledger and has what is new brought in, while requests go on."""

import logging
from threading import Event, Thread
from typing import Protocol

log = logging.getLogger(__name__)

EVERY_SECONDS = 0.5
FIRST_SECONDS = 5.0


class Pollable(Protocol):
    """What is kept in step with the ledger."""

    def due(self) -> bool:
        """Whether there may be something new."""

    def refresh(self) -> None:
        """Bring it in."""


class Poller:
    """Looks at once, and then twice a second until it is stopped."""

    def __init__(self, follower: Pollable) -> None:
        self._follower, self._first, self._stop = follower, Event(), Event()
        # A daemon: a download that hangs must not keep a stopped service alive.
        self._thread = Thread(target=self._run, name=type(follower).__name__, daemon=True)

    def start(self) -> None:
        """Begin to look; comes back with the first look done, or without it where loading takes long."""
        self._thread.start()
        self._first.wait(FIRST_SECONDS)

    def stop(self) -> None:
        """Look no more; a champion that is being loaded is left behind after a moment."""
        self._stop.set()
        self._thread.join(timeout=0.3)

    def _run(self) -> None:
        self._look()
        self._first.set()
        while not self._stop.wait(EVERY_SECONDS):
            self._look()

    def _look(self) -> None:
        try:
            if not self._first.is_set() or self._follower.due():
                self._follower.refresh()
        # A thread that ends would see no pause and no way back any more, and nobody would notice.
        except Exception as error:  # whatever it is, the next look is in half a second
            log.error("%s failed: %s", type(self._follower).__name__, type(error).__name__)
