"""What the database of a home knows and the one of a backup does not."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pipelines.home.databases import BUSY_SECONDS, BrokenDatabase
from pipelines.runtime.wording import several

# What is compared; a database of before may lack some of it.
COLUMNS = {
    "predictions": ("id",),
    "feedback": ("id", "time", "undone", "set_aside"),
    "keys": ("id", "name", "revoked"),
}
TABLES = {"predictions": ("prediction",), "feedback": ("row of feedback", "rows of feedback")}
LACKED = "FROM {a}_{table} a WHERE NOT EXISTS (SELECT 1 FROM {b}_{table} b WHERE b.id = a.id{same})"
ALSO = {"feedback": " AND b.time IS a.time"}  # another history counts its rows from 1 as well
BOTH = "FROM home_{table} h JOIN backup_{table} b ON b.id = h.id WHERE {change}"
CHANGES = {
    "taken back": "h.undone IS NOT NULL AND b.undone IS NULL",
    "set aside": "h.set_aside IS NOT NULL AND b.set_aside IS NULL",
    "restored": "h.set_aside IS NULL AND b.set_aside IS NOT NULL",
}
REVOKED = "h.revoked IS NOT NULL AND b.revoked IS NULL"


def losses(home: Path, backup: Path) -> Iterator[str]:
    """In words; nothing for a home without a database. Raises BrokenDatabase."""
    try:
        with closing(sqlite3.connect(":memory:", timeout=BUSY_SECONDS)) as connection:
            for name, file in (("home", home), ("backup", backup)):
                _attach(connection, name, file)
            yield from _keys(connection)
            yield from _rows(connection)
    except sqlite3.DatabaseError as error:
        raise BrokenDatabase(f"{home} cannot be compared with its backup ({error})") from error


def _attach(connection: sqlite3.Connection, name: str, file: Path) -> None:
    """Make tables of a database `name_table`, with every column that is asked for; empty where it has none."""
    connection.execute(f"ATTACH ? AS {name}", (str(file) if file.exists() else ":memory:",))
    for table, columns in COLUMNS.items():
        there = {row[1] for row in connection.execute(f"PRAGMA {name}.table_info({table})")}
        chosen = ", ".join(column if column in there else f"NULL AS {column}" for column in columns)
        source = f"FROM {name}.{table}" if there else "WHERE 0"
        connection.execute(f"CREATE TEMP VIEW {name}_{table} AS SELECT {chosen} {source}")


def _keys(connection: sqlite3.Connection) -> Iterator[str]:
    if made := _names(connection, _lacked("home", "keys", "backup"), "a"):
        yield f"{several(len(made), 'API key')} ({', '.join(made)}) that the backup lacks"
    if revoked := _names(connection, BOTH.format(table="keys", change=REVOKED), "h"):
        yield f"{several(len(revoked), 'revoked API key')} ({', '.join(revoked)}) that the backup has as valid"


def _rows(connection: sqlite3.Connection) -> Iterator[str]:
    """A row that somebody restored bears no trace of it: a backup that is ahead has set it aside later."""
    for table, names in TABLES.items():
        if count := _count(connection, _lacked("home", table, "backup")):
            yield f"{several(count, *names)} that the backup lacks"
    ahead = any(_count(connection, _lacked("backup", table, "home")) for table in TABLES)
    for word, change in CHANGES.items():
        count = _count(connection, BOTH.format(table="feedback", change=change))
        if count and not (ahead and word == "restored"):
            yield f"{several(count, 'row')} of feedback {word} since"


def _lacked(known: str, table: str, other: str) -> str:
    return LACKED.format(a=known, table=table, b=other, same=ALSO.get(table, ""))


def _count(connection: sqlite3.Connection, rows: str) -> int:
    return int(connection.execute(f"SELECT count(*) {rows}").fetchone()[0])


def _names(connection: sqlite3.Connection, rows: str, alias: str) -> list[str]:
    return [str(name) for (name,) in connection.execute(f"SELECT {alias}.name {rows}")]
