"""SQLite databases of a home, copied and read while other processes write to them."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

BUSY_SECONDS = 30
HEAD_TAG = "ledger.head"  # of a registered model
FOLDERS = (".", "prefect")  # folders of a home with databases, named `*.db`


class BrokenDatabase(ValueError):
    """The file cannot be read as a database."""


def stable_file(home: Path, name: str, copies: Path) -> Path:
    """A file that does not change: for a database its copy in `copies`, made now or before, else the file itself."""
    if (copies / name).exists():
        return copies / name
    path = Path(name)
    # Recognised by its name: closing the file of a database releases all locks that this process has on it.
    is_database = path.suffix == ".db" and str(path.parent) in FOLDERS
    return copy_file(home / name, copies / name) if is_database else home / name


def copy_file(file: Path, target: Path) -> Path:
    """Copy a file; a database is copied consistently while processes write to it (SQLite's online backup)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix != ".db":
        return Path(shutil.copyfile(file, target))
    with _connect(file) as source, _connect(target) as copy:
        source.backup(copy)
    return target


def last_feedback(database: Path) -> int:
    """The id of the last feedback row; 0 without rows or without a database. Raises BrokenDatabase."""
    if not database.exists():
        return 0
    with _connect(database) as connection:
        has_table = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'feedback'").fetchone()
        (last,) = connection.execute("SELECT max(id) FROM feedback").fetchone() if has_table else (0,)
    return int(last or 0)


def registry_heads(database: Path) -> dict[str, str]:
    """The hash of the last ledger entry by model, from MLflow's database; empty without one. Raises BrokenDatabase."""
    if not database.exists():
        return {}
    with _connect(database) as connection:
        name = "registered_model_tags"
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone():
            return {}
        return dict(connection.execute(f"SELECT name, value FROM {name} WHERE key = ?", (HEAD_TAG,)))  # noqa: S608  constant


@contextmanager
def _connect(file: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as connection:
            yield connection
    except sqlite3.DatabaseError as error:
        raise BrokenDatabase(f"{file} cannot be read as a database ({error}): restore it from a backup") from error
