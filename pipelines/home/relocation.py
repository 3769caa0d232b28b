"""Update of the absolute paths in MLflow's database after the home was moved or copied."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

# The columns with addresses of files, by MLflow or by Needloop; the condition excludes values for people.
PATHS = (
    ("experiments", "artifact_location", ""),
    ("runs", "artifact_uri", ""),
    ("logged_models", "artifact_location", ""),
    ("model_versions", "source", ""),
    ("model_versions", "storage_location", ""),
    ("model_version_tags", "value", "key IN ('location', 'weights')"),
)
SOURCES = ("datasets", "dataset_source")  # JSON with a "uri"
BUSY_SECONDS = 30


def relocate(database: Path, former: Sequence[str], home: Path) -> None:
    """Move addresses from below a former root to below the home, in one transaction, if there is a database."""
    if not database.exists():
        return
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for table, column, condition in PATHS:
            _rewrite(connection, table, column, condition, former, home)
        _rewrite_sources(connection, former, home)
        connection.execute("COMMIT")


def moved_address(address: str, former: Iterable[str], home: Path) -> str:
    """The address with a former root replaced by the home; other addresses are unchanged."""
    scheme = "file://" if address.startswith("file://") else ""
    path = Path(address.removeprefix(scheme))
    if path.is_relative_to(home):
        return address
    for root in sorted(former, key=len, reverse=True):
        if path.is_relative_to(root):
            return f"{scheme}{home / path.relative_to(root)}"
    return address


def _rewrite(
    connection: sqlite3.Connection, table: str, column: str, condition: str, former: Sequence[str], home: Path
) -> None:
    for row, address in _values(connection, table, column, condition):
        if (new := moved_address(address, former, home)) != address:
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, row))  # noqa: S608  constant


def _rewrite_sources(connection: sqlite3.Connection, former: Sequence[str], home: Path) -> None:
    table, column = SOURCES
    for row, text in _values(connection, table, column, ""):
        source = json.loads(text) if text.startswith("{") else {}
        if (new := moved_address(str(source.get("uri", "")), former, home)) != source.get("uri", ""):
            updated = json.dumps({**source, "uri": new})
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (updated, row))  # noqa: S608  constant


def _values(connection: sqlite3.Connection, table: str, column: str, condition: str) -> Iterator[tuple[int, str]]:
    """Row number and text of each value; none if this MLflow lacks the column."""
    if column in {name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")}:
        where = f"{column} IS NOT NULL" + (f" AND {condition}" if condition else "")
        yield from connection.execute(f"SELECT rowid, {column} FROM {table} WHERE {where}").fetchall()  # noqa: S608  constant


def forget_processes(home: Path) -> None:
    """Delete the records of processes: these belong to the original home and must not be used or ended from here."""
    for kind in ("process", "user"):
        for record in (home / "logs").glob(f"*.{kind}.json"):
            record.unlink(missing_ok=True)
