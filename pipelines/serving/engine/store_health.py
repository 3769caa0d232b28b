"""Whether answers and feedback can be kept: while they cannot, none is given or taken, and it is tried again."""

import logging
import os
import tempfile
import time
from pathlib import Path

from pipelines.home.faults import explained
from pipelines.home.soundness import OVERWRITTEN, RESTORE, overwritten
from pipelines.store.store import Store

log = logging.getLogger(__name__)

HOME = "the home"
UNKEPT = "answers and feedback cannot be kept now: ask again after the seconds in `Retry-After`; /readyz says why"
RETRY_SECONDS, EVERY_SECONDS = 1.0, 10.0
# A disk with less room is full: a log or a database that grows needs more than what is tried.
ROOM = 256 * 1024
REPLACED = "{} was removed or replaced while the service runs: put it back, or start the service anew"


class StoreUnavailable(RuntimeError):
    """What would be answered or taken could not be kept."""


class StoreHealth:
    """`problem` is why nothing can be kept, in one sentence; None while all is well."""

    def __init__(self, store: Store, home: Path) -> None:
        self.problem: str | None = None
        self._store, self._home, self._tried = store, home, 0.0
        self._file, self._opened = store.file, _identity(store.file)

    def require(self) -> None:
        """Raises StoreUnavailable while nothing can be kept."""
        if self.problem:
            raise StoreUnavailable(UNKEPT)

    def blame(self, error: BaseException) -> bool:
        """Whether a disk or a database is to blame for an error, which is then the problem until it is over."""
        why = explained(error, self._home)
        if why:
            self._note(why)
        return why is not None

    def due(self) -> bool:
        """Whether it is time to try: soon after an error, now and then without, at once where the file is another."""
        since = time.monotonic() - self._tried
        return since > (RETRY_SECONDS if self.problem else EVERY_SECONDS) or _identity(self._file) != self._opened

    def refresh(self) -> None:
        """Try to keep something, in the database and beside it."""
        self._tried = time.monotonic()
        try:
            self._note(self._damage())
        except Exception as error:  # whatever it is, nothing can be kept
            self._note(explained(error, self._home) or f"{self._home} cannot be used: {type(error).__name__}")

    def _damage(self) -> str | None:
        if _identity(self._file) != self._opened:
            return REPLACED.format(self._file)
        if file := overwritten(self._home):
            return f"{file} cannot be used, {OVERWRITTEN}: {RESTORE}"
        with tempfile.TemporaryFile(dir=self._home) as tried:
            tried.write(os.urandom(ROOM))
            tried.flush()
        self._store.touch()
        return None

    def _note(self, problem: str | None) -> None:
        if problem != self.problem:
            log.error(problem) if problem else log.warning("answers and feedback can be kept again")
        self.problem = problem


def _identity(file: Path | None) -> tuple[int, int] | None:
    """Of the file at that place now; none where there is none."""
    try:
        status = file.stat() if file else None
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if status else None
