"""Health of the store: while it cannot be written, requests are refused and a write is retried."""

import logging
import os
import tempfile
import time
from pathlib import Path

from pipelines.home.faults import explain_fault
from pipelines.home.soundness import OVERWRITTEN, RESTORE, overwritten_database
from pipelines.store.store import Store

log = logging.getLogger(__name__)

HOME = "the home"
NOT_RECORDED = (
    "answers and feedback cannot be stored now: retry after the number of seconds in `Retry-After`; /readyz says why"
)
RETRY_SECONDS, EVERY_SECONDS = 1.0, 10.0
# Bytes of the test file. A disk with less free space counts as full: a growing log or database needs more.
MIN_FREE_BYTES = 256 * 1024
REPLACED = "{} was removed or replaced while the service runs: put it back, or restart the service"


class StoreUnavailable(RuntimeError):
    """Predictions and feedback cannot be recorded."""


class StoreHealth:
    """The state of a store. `problem`: why nothing can be recorded, in one sentence; None if all is well."""

    def __init__(self, store: Store, home: Path) -> None:
        self.problem: str | None = None
        self._store, self._home, self._last_try = store, home, 0.0
        self._file, self._opened = store.file, _identity(store.file)

    def require_available(self) -> None:
        """Raises StoreUnavailable while nothing can be recorded."""
        if self.problem:
            raise StoreUnavailable(NOT_RECORDED)

    def note_failure(self, error: BaseException) -> bool:
        """Note an error that a disk or a database caused, until writing succeeds again; False for any other error."""
        reason = explain_fault(error, self._home)
        if reason:
            self._set_problem(reason)
        return reason is not None

    def due(self) -> bool:
        """True if a write is due: 1 s after an error, every 10 s otherwise, at once if the file was replaced."""
        elapsed = time.monotonic() - self._last_try
        return elapsed > (RETRY_SECONDS if self.problem else EVERY_SECONDS) or _identity(self._file) != self._opened

    def refresh(self) -> None:
        """Try to write, in the database and beside it."""
        self._last_try = time.monotonic()
        try:
            self._set_problem(self._find_problem())
        except Exception as error:  # any error: nothing can be recorded
            self._set_problem(
                explain_fault(error, self._home) or f"{self._home} cannot be used: {type(error).__name__}"
            )

    def _find_problem(self) -> str | None:
        if _identity(self._file) != self._opened:
            return REPLACED.format(self._file)
        if damaged := overwritten_database(self._home):
            return f"{damaged} cannot be used, {OVERWRITTEN}: {RESTORE}"
        with tempfile.TemporaryFile(dir=self._home) as file:
            file.write(os.urandom(MIN_FREE_BYTES))
            file.flush()
        self._store.check_writable()
        return None

    def _set_problem(self, problem: str | None) -> None:
        if problem != self.problem:
            log.error(problem) if problem else log.warning("answers and feedback can be stored again")
        self.problem = problem


def _identity(file: Path | None) -> tuple[int, int] | None:
    """Device and inode of the file at this path; None if there is none."""
    try:
        status = file.stat() if file else None
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if status else None
