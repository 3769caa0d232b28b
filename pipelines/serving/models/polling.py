"""Polling: a background thread refreshes an object that follows the ledger."""

import logging
from threading import Event, Thread
from typing import Protocol

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.5
FIRST_REFRESH_SECONDS = 5.0


class Pollable(Protocol):
    """An object that is kept up to date by polling."""

    def due(self) -> bool:
        """True if a refresh may change anything."""

    def refresh(self) -> None:
        """Bring the object up to date."""


class Poller:
    """Refreshes its target at once, and then whenever due, checked twice a second."""

    def __init__(self, target: Pollable) -> None:
        self._target, self._refreshed, self._stop = target, Event(), Event()
        # A daemon: a download that hangs must not keep a stopped service alive.
        self._thread = Thread(target=self._run, name=type(target).__name__, daemon=True)

    def start(self) -> None:
        """Start polling; waits for the first refresh, at most 5 s."""
        self._thread.start()
        self._refreshed.wait(FIRST_REFRESH_SECONDS)

    def stop(self) -> None:
        """Stop polling; a refresh that is under way is abandoned after 0.3 s."""
        self._stop.set()
        self._thread.join(timeout=0.3)

    def _run(self) -> None:
        self._poll()
        self._refreshed.set()
        while not self._stop.wait(INTERVAL_SECONDS):
            self._poll()

    def _poll(self) -> None:
        try:
            if not self._refreshed.is_set() or self._target.due():
                self._target.refresh()
        # If the thread ended, later pauses and rollbacks would go unnoticed.
        except Exception as error:  # any error: the next poll follows in half a second
            log.error("%s failed: %s", type(self._target).__name__, type(error).__name__)
