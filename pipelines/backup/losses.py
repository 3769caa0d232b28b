"""Differences between the database of a home and the one of a backup: rows that a restore would lose."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pipelines.home.databases import BUSY_SECONDS, BrokenDatabase
from pipelines.runtime.wording import counted_noun

# The compared columns; an older database may lack some of them.
COLUMNS = {
    "predictions": ("id",),
    "feedback": ("id", "time", "undone", "set_aside"),
    "keys": ("id", "name", "revoked"),
}
TABLES = {"predictions": ("prediction",), "feedback": ("row of feedback", "rows of feedback")}
MISSING = "FROM {a}_{table} a WHERE NOT EXISTS (SELECT 1 FROM {b}_{table} b WHERE b.id = a.id{same})"
SAME_ROW = {"feedback": " AND b.time IS a.time"}  # another database numbers its rows from 1 as well
BOTH = "FROM home_{table} h JOIN backup_{table} b ON b.id = h.id WHERE {change}"
CHANGES = {
    "taken back": "h.undone IS NOT NULL AND b.undone IS NULL",
    "set aside": "h.set_aside IS NOT NULL AND b.set_aside IS NULL",
    "restored": "h.set_aside IS NULL AND b.set_aside IS NOT NULL",
}
REVOKED = "h.revoked IS NOT NULL AND b.revoked IS NULL"


def database_losses(home: Path, backup: Path) -> Iterator[str]:
    """The losses in words; none for a home without a database. Raises BrokenDatabase."""
    try:
        with closing(sqlite3.connect(":memory:", timeout=BUSY_SECONDS)) as connection:
            for name, file in (("home", home), ("backup", backup)):
                _attach(connection, name, file)
            yield from _keys(connection)
            yield from _rows(connection)
    except sqlite3.DatabaseError as error:
        raise BrokenDatabase(f"{home} cannot be compared with its backup ({error})") from error


def _attach(connection: sqlite3.Connection, name: str, file: Path) -> None:
    """Make a view `name_table` of each table, with all compared columns; empty if the table is missing."""
    connection.execute(f"ATTACH ? AS {name}", (str(file) if file.exists() else ":memory:",))
    for table, columns in COLUMNS.items():
        existing = {row[1] for row in connection.execute(f"PRAGMA {name}.table_info({table})")}
        selected = ", ".join(column if column in existing else f"NULL AS {column}" for column in columns)
        source = f"FROM {name}.{table}" if existing else "WHERE 0"
        connection.execute(f"CREATE TEMP VIEW {name}_{table} AS SELECT {selected} {source}")


def _keys(connection: sqlite3.Connection) -> Iterator[str]:
    if new := _names(connection, _missing_rows("home", "keys", "backup"), "a"):
        yield f"{counted_noun(len(new), 'API key')} ({', '.join(new)}) that the backup lacks"
    if revoked := _names(connection, BOTH.format(table="keys", change=REVOKED), "h"):
        yield f"{counted_noun(len(revoked), 'revoked API key')} ({', '.join(revoked)}) that the backup has as valid"


def _rows(connection: sqlite3.Connection) -> Iterator[str]:
    """The lost rows and states. A restored row has no trace of it: a newer backup may have set it aside later."""
    for table, names in TABLES.items():
        if count := _count(connection, _missing_rows("home", table, "backup")):
            yield f"{counted_noun(count, *names)} that the backup lacks"
    backup_is_newer = any(_count(connection, _missing_rows("backup", table, "home")) for table in TABLES)
    for word, change in CHANGES.items():
        count = _count(connection, BOTH.format(table="feedback", change=change))
        if count and not (backup_is_newer and word == "restored"):
            yield f"{counted_noun(count, 'row')} of feedback {word} since"


def _missing_rows(database: str, table: str, other: str) -> str:
    return MISSING.format(a=database, table=table, b=other, same=SAME_ROW.get(table, ""))


def _count(connection: sqlite3.Connection, rows: str) -> int:
    return int(connection.execute(f"SELECT count(*) {rows}").fetchone()[0])


def _names(connection: sqlite3.Connection, rows: str, alias: str) -> list[str]:
    return [str(name) for (name,) in connection.execute(f"SELECT {alias}.name {rows}")]
