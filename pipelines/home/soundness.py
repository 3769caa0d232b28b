"""Check of a home before every command; it opens no database."""

import os
from contextlib import suppress
from pathlib import Path

from pipelines.masking.identity import require_key

RESTORE = "restore it from a backup"
RIGHTS = "give this user the right to write there, or name another folder in NEEDLOOP_HOME"
OVERWRITTEN = "it is not a database, another program has overwritten it"
MIN_BYTES = 512  # a database of one page


class UnsoundHome(RuntimeError):
    """A file of the home is damaged or missing, or the home cannot be written."""


def require_sound(home: Path) -> None:
    """Raise UnsoundHome or BrokenKey, with the file and the next step, if the home cannot be used."""
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise UnsoundHome(f"{home} cannot be used, it is read-only or belongs to another user: {RIGHTS}")
    if file := overwritten_database(home):
        raise UnsoundHome(f"{file} cannot be used, {OVERWRITTEN}: {RESTORE}")
    require_key(home)


def overwritten_database(home: Path) -> Path | None:
    """The first file of the home that is too small for a database, or None; an empty file is a new database.

    No file is opened: when a process closes a file, it releases all of SQLite's locks on it in that process.
    """
    for file in sorted([*home.glob("*.db"), *home.glob("prefect/*.db")]):
        with suppress(OSError):
            if 0 < file.stat().st_size < MIN_BYTES:
                return file
    return None
