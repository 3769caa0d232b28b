"""Opening the database by its address: SQLite where nothing else is named, PostgreSQL with the same code."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, Engine, NullPool, Table, create_engine, event, inspect, text
from sqlalchemy.schema import CreateColumn

from pipelines.store.tables import METADATA

BUSY_SECONDS = 30
# Any number will do, so long as every process locks the same one while it makes the tables.
SCHEMA_LOCK = 7263549
# Indexes that others took the place of.
SUPERSEDED = ("predictions_by_time",)
# Of 4 KB: so large the log may grow before whoever commits writes it into the database (see `checkpoints`).
LOG_PAGES = 16_000
UNDURABLE = ("PRAGMA synchronous=NORMAL", "BEGIN IMMEDIATE")
DURABLE = ("PRAGMA synchronous=FULL", "BEGIN IMMEDIATE")


def open_database(url: str) -> Engine:
    """The engine at a SQLAlchemy address, with its tables made; safe when several processes come first."""
    # Parameters are texts of customers: an error message must not carry them into a log.
    engine = create_engine(url, hide_parameters=True, **_options(url))
    if engine.dialect.name == "sqlite":
        _open_sqlite(engine)
    else:
        _make_tables(engine)
    return engine


@contextmanager
def writing(engine: Engine, durable: bool = True) -> Iterator[Connection]:
    """One transaction that may write; committed when the block ends, undone when it raises.

    In SQLite it takes the write lock at once: one that reads first and upgrades later fails instead of waiting.
    Without `durable` a commit survives the death of every process, but a power cut may take the last ones (0.1 ms
    against the 9 ms that a disk took to confirm); the next durable commit confirms those before it as well.
    """
    with engine.execution_options(begin=DURABLE if durable else UNDURABLE).begin() as connection:
        yield connection


def stay_open(engine: Engine) -> sqlite3.Connection | None:
    """A connection to keep for as long as the database is in use, None where it makes no difference.

    When its last connection closes, SQLite empties the write-ahead log into the database: 20 ms for every operation.
    """
    if engine.dialect.name != "sqlite":
        return None
    connection = sqlite3.connect(_file(engine))
    connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    return connection


def _options(url: str) -> dict[str, Any]:
    # A connection of SQLite belongs to its thread, so each operation opens its own.
    if url.startswith("sqlite"):
        return {"poolclass": NullPool, "connect_args": {"timeout": BUSY_SECONDS}}
    # Each thread that keeps answers has a connection for good; the others must not wait for those.
    return {"pool_pre_ping": True, "max_overflow": -1}


def _open_sqlite(engine: Engine) -> None:
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    file = _file(engine)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Turning the write-ahead log on does not wait for other processes, whatever the busy timeout says.
    with FileLock(f"{file}.lock"):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT", begin=()) as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        _make_tables(engine)


def _file(engine: Engine) -> Path:
    return Path(engine.url.database or "needloop.db")


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are ours to begin
    connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")


def _begin(connection: Connection) -> None:
    cursor = connection.connection.cursor()
    for statement in connection.get_execution_options().get("begin", ["BEGIN"]):
        cursor.execute(statement)
    cursor.close()


def _make_tables(engine: Engine) -> None:
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})"))
        METADATA.create_all(connection)
        for table in METADATA.sorted_tables:
            _add_columns(connection, table)
            for index in table.indexes:
                index.create(connection, checkfirst=True)
        for name in SUPERSEDED:
            connection.exec_driver_sql(f"DROP INDEX IF EXISTS {name}")


def _add_columns(connection: Connection, table: Table) -> None:
    """Bring a table that was made before some of its columns up to date; they are empty in the rows it has."""
    known = {column["name"] for column in inspect(connection).get_columns(table.name)}
    for column in table.columns:
        if column.name not in known:
            added = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {added}")
