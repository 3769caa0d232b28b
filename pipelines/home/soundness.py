"""Whether a home can be worked in: asked by every command before it begins, so it opens no database."""

import os
from contextlib import suppress
from pathlib import Path

from pipelines.masking.identity import require_key

RESTORE = "put a backup of it back"
RIGHTS = "give this user the right to write there, or name another folder in NEEDLOOP_HOME"
OVERWRITTEN = "it is no database any more, something has overwritten it"
SMALLEST = 512  # bytes: a database of one page


class UnsoundHome(RuntimeError):
    """A home with a file that was damaged or is missing, or that cannot be written."""


def require_sound(home: Path) -> None:
    """Raises UnsoundHome, and BrokenKey, with the file and what to do."""
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise UnsoundHome(f"{home} cannot be used, it is read-only or belongs to another user: {RIGHTS}")
    if file := overwritten(home):
        raise UnsoundHome(f"{file} cannot be used, {OVERWRITTEN}: {RESTORE}")
    require_key(home)


def overwritten(home: Path) -> Path | None:
    """A database of the home that is too small to be one; an empty file is a database that nothing was written to.

    None is opened for that: when a process closes a file, it loses all locks that SQLite holds on it in that process.
    """
    for file in sorted([*home.glob("*.db"), *home.glob("prefect/*.db")]):
        with suppress(OSError):
            if 0 < file.stat().st_size < SMALLEST:
                return file
    return None
