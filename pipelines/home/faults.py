"""Faults of the disk, of files of the home and of databases, each as one sentence with the next step."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from pipelines.home.soundness import OVERWRITTEN, RESTORE, RIGHTS, UnsoundHome, overwritten_database
from pipelines.masking.identity import BrokenKey

# By the primary result code of SQLite: https://sqlite.org/rescode.html.
SQLITE = {
    sqlite3.SQLITE_FULL: ("its disk is full", "free some space, then try again"),
    sqlite3.SQLITE_IOERR: ("its disk cannot be read or written", "check if it is full or failing, then try again"),
    sqlite3.SQLITE_READONLY: ("it cannot be written", RIGHTS),
    sqlite3.SQLITE_PERM: ("it cannot be opened", RIGHTS),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened or made", RIGHTS),
    sqlite3.SQLITE_BUSY: ("another process keeps it locked", "wait until that is done, or end it, then try again"),
    sqlite3.SQLITE_LOCKED: ("another process keeps it locked", "wait until that is done, or end it, then try again"),
    sqlite3.SQLITE_NOTADB: (OVERWRITTEN, RESTORE),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", RESTORE),
}
SYSTEM = {
    errno.ENOSPC: ("the disk is full", "free some space, then try again"),
    errno.EDQUOT: ("the disk quota is used up", "free some space, then try again"),
    errno.EFBIG: ("the file has reached the limit of its size", "raise the limit (ulimit -f), then try again"),
    errno.EROFS: ("the file system is read-only", RIGHTS),
    errno.EACCES: ("this user may not write or read there", RIGHTS),
    errno.EPERM: ("this user may not do that", RIGHTS),
    errno.EIO: ("the disk cannot be read or written", "check if it is failing, then try again"),
}

MAGIC = b"SQLite format 3\0"


class DatabaseFault(SQLAlchemyError):
    """The database cannot be used now; the text names it, the reason and the next step."""


def sqlite_fault(error: sqlite3.Error, file: str | Path) -> DatabaseFault | None:
    """The fault of this file for an error of SQLite; None for an error of the statement."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or code & 0xFF not in SQLITE:
        return None
    reason, advice = SQLITE[code & 0xFF]
    return DatabaseFault(f"{file} cannot be used, {reason}: {advice}")


def explain_fault(error: BaseException, home: Path) -> str | None:
    """The sentence for an error or for one of its causes; None if neither disk nor database is the cause."""
    for cause in _causes(error):
        if isinstance(cause, DatabaseFault | UnsoundHome | BrokenKey):
            return str(cause)
        if isinstance(cause, sqlite3.Error) and (fault := sqlite_fault(cause, _damaged_database(home))):
            return str(fault)
        if isinstance(cause, OSError) and cause.errno in SYSTEM:
            reason, advice = SYSTEM[cause.errno]
            return f"{_path(cause, home)} cannot be used, {reason}: {advice}"
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, its causes and its contexts, the nearest first."""
    queue, seen = [error], set[int]()
    while queue:
        cause = queue.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        causes = (getattr(cause, "orig", None), cause.__cause__, cause.__context__)
        queue += [error for error in causes if isinstance(error, BaseException)]


def _path(error: OSError, home: Path) -> str:
    if error.filename is not None:
        return os.fsdecode(error.filename) if not isinstance(error.filename, int) else str(home)
    return str(home)


def _damaged_database(home: Path) -> Path:
    """The first damaged database of the home; the home itself if none looks damaged."""
    if file := overwritten_database(home):
        return file
    for file in sorted([*home.glob("*.db"), *home.glob("prefect/*.db")]):
        with suppress(OSError):
            # Left open until this process ends: closing the file would release SQLite's locks on it.
            if os.read(os.open(file, os.O_RDONLY), len(MAGIC)) not in (MAGIC, b""):
                return file
    return home
