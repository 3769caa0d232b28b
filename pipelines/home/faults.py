"""What is wrong with the disk, with a file of the home or with a database, in one sentence that says what to do."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from pipelines.home.soundness import OVERWRITTEN, RESTORE, RIGHTS, UnsoundHome, overwritten
from pipelines.masking.identity import BrokenKey

# By the primary result code of SQLite: https://sqlite.org/rescode.html.
SQLITE = {
    sqlite3.SQLITE_FULL: ("its disk is full", "free some space, then try again"),
    sqlite3.SQLITE_IOERR: ("its disk cannot be read or written", "see whether it is full or failing, then try again"),
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
    errno.EFBIG: ("the file may not grow any more", "raise the limit (ulimit -f), then try again"),
    errno.EROFS: ("the file system is read-only", RIGHTS),
    errno.EACCES: ("this user may not write or read there", RIGHTS),
    errno.EPERM: ("this user may not do that", RIGHTS),
    errno.EIO: ("the disk cannot be read or written", "see whether it is failing, then try again"),
}

MAGIC = b"SQLite format 3\0"


class DatabaseFault(SQLAlchemyError):
    """A database that cannot be used now; its text names it, and says why and what to do."""


def sqlite_fault(error: sqlite3.Error, file: str | Path) -> DatabaseFault | None:
    """What an error of SQLite says of this file; None where it is the statement's."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or code & 0xFF not in SQLITE:
        return None
    why, advice = SQLITE[code & 0xFF]
    return DatabaseFault(f"{file} cannot be used, {why}: {advice}")


def explained(error: BaseException, home: Path) -> str | None:
    """The sentence for an error, or for what caused it; None where neither disk nor database is to blame."""
    for cause in _causes(error):
        if isinstance(cause, DatabaseFault | UnsoundHome | BrokenKey):
            return str(cause)
        if isinstance(cause, sqlite3.Error) and (fault := sqlite_fault(cause, _spoilt(home))):
            return str(fault)
        if isinstance(cause, OSError) and cause.errno in SYSTEM:
            why, advice = SYSTEM[cause.errno]
            return f"{_place(cause, home)} cannot be used, {why}: {advice}"
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it was raised from or while handling, the nearest first."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        nearer = (getattr(cause, "orig", None), cause.__cause__, cause.__context__)
        waiting += [one for one in nearer if isinstance(one, BaseException)]


def _place(error: OSError, home: Path) -> str:
    if error.filename is not None:
        return os.fsdecode(error.filename) if not isinstance(error.filename, int) else str(home)
    return str(home)


def _spoilt(home: Path) -> Path:
    """The database of the home that is none any more; the home where each looks whole."""
    if file := overwritten(home):
        return file
    for file in sorted([*home.glob("*.db"), *home.glob("prefect/*.db")]):
        with suppress(OSError):
            # Left open, until this process ends: closing it would take the locks away that SQLite holds on it.
            if os.read(os.open(file, os.O_RDONLY), len(MAGIC)) not in (MAGIC, b""):
                return file
    return home
