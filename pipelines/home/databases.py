"""SQLite databases of a home, copied and read while others write to them."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

BUSY_SECONDS = 30
HEAD_TAG = "ledger.head"  # of a registered model
FOLDERS = (".", "prefect")  # of a home that hold databases, by the ending of their names


class BrokenDatabase(ValueError):
    """A file that should be a database and cannot be read as one."""


def frozen(home: Path, name: str, copies: Path) -> Path:
    """Where the bytes of a file stay as they are: in `copies` for a database, copied now or before; else the file."""
    if (copies / name).exists():
        return copies / name
    path = Path(name)
    # Known by its name: whoever opens and closes the file of a database frees the locks that this process has on it.
    database = path.suffix == ".db" and str(path.parent) in FOLDERS
    return copied(home / name, copies / name) if database else home / name


def copied(file: Path, target: Path) -> Path:
    """A copy of a file; of a database one as it is now, whoever writes to it (SQLite's online backup)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix != ".db":
        return Path(shutil.copyfile(file, target))
    with _opened(file) as source, _opened(target) as copy:
        source.backup(copy)
    return target


def last_feedback(database: Path) -> int:
    """The number of the last row of feedback; 0 without any, or without a database. Raises BrokenDatabase."""
    if not database.exists():
        return 0
    with _opened(database) as connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'feedback'").fetchone()
        (last,) = connection.execute("SELECT max(id) FROM feedback").fetchone() if known else (0,)
    return int(last or 0)


def remembered_heads(database: Path) -> dict[str, str]:
    """Of MLflow's database, the hash of the last ledger entry by model; empty without one. Raises BrokenDatabase."""
    if not database.exists():
        return {}
    with _opened(database) as connection:
        name = "registered_model_tags"
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone():
            return {}
        return dict(connection.execute(f"SELECT name, value FROM {name} WHERE key = ?", (HEAD_TAG,)))  # noqa: S608  ours


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as connection:
            yield connection
    except sqlite3.DatabaseError as error:
        raise BrokenDatabase(f"{file} cannot be read as a database ({error}): restore it from a backup") from error
