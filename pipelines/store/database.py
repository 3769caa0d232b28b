"""Connections to the database: SQLite by default, PostgreSQL with the same code."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, Engine, ExceptionContext, NullPool, create_engine, event, text

from pipelines.home.faults import DatabaseFault, sqlite_fault
from pipelines.store.schema import migrate, up_to_date

BUSY_SECONDS = 30
# An arbitrary number; every process locks the same one during a migration.
SCHEMA_LOCK = 7263549
# Pages of 4 KB: a commit checkpoints the log beyond this length; usually `checkpoints` does it earlier.
LOG_PAGES = 16_000
UNDURABLE = ("PRAGMA synchronous=NORMAL", "BEGIN IMMEDIATE")
DURABLE = ("PRAGMA synchronous=FULL", "BEGIN IMMEDIATE")


def open_database(url: str, timeout: float = BUSY_SECONDS) -> Engine:
    """Open the database at a SQLAlchemy address and migrate it; several processes may do so at once.

    A writer waits `timeout` seconds for another. Raises NewerDatabase and, as every use of the engine, DatabaseFault.
    """
    # Parameters are texts of customers: an error message must not carry them into a log.
    engine = create_engine(url, hide_parameters=True, **_options(url, timeout))
    event.listen(engine, "handle_error", _raise_fault)
    if engine.dialect.name == "sqlite":
        _open_sqlite(engine)
    elif not _up_to_date(engine):
        with writing(engine) as connection:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})"))
            migrate(connection)
    return engine


@contextmanager
def writing(engine: Engine, durable: bool = True) -> Iterator[Connection]:
    """A write transaction, committed at the end of the block and rolled back if the block raises.

    In SQLite it takes the write lock at its start: a later upgrade of a read lock fails instead of waiting.
    A commit that is not `durable` outlives every process, but a power cut may undo it (0.1 ms, against 9 ms for a disk
    to confirm); the next durable commit confirms earlier commits as well.
    """
    with engine.execution_options(begin=DURABLE if durable else UNDURABLE).begin() as connection:
        yield connection


def open_keepalive(engine: Engine) -> sqlite3.Connection | None:
    """A SQLite connection to hold while the database is in use; None for other databases.

    When its last connection closes, SQLite checkpoints the WAL: 20 ms for every operation.
    """
    if engine.dialect.name != "sqlite":
        return None
    with explaining(engine):
        connection = sqlite3.connect(_file(engine))
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    return connection


def database_file(engine: Engine) -> Path | None:
    """The file of a SQLite database, else None."""
    return _file(engine) if engine.dialect.name == "sqlite" else None


@contextmanager
def explaining(engine: Engine) -> Iterator[None]:
    """Translate errors of the driver, used without the engine, into DatabaseFault."""
    try:
        yield
    except engine.dialect.loaded_dbapi.Error as error:
        if fault := _fault(error, engine):
            raise fault from error
        raise


def _raise_fault(context: ExceptionContext) -> None:
    if context.engine and not context.is_pre_ping and (fault := _fault(context.original_exception, context.engine)):
        raise fault


def _fault(error: BaseException, engine: Engine) -> DatabaseFault | None:
    if isinstance(error, sqlite3.Error):
        return sqlite_fault(error, _file(engine))
    driver = engine.dialect.loaded_dbapi
    if not isinstance(error, driver.OperationalError | driver.InterfaceError):
        return None
    reason = " ".join(str(error).split()) or type(error).__name__
    return DatabaseFault(f"{engine.url.render_as_string(hide_password=True)} cannot be used: {reason}")


def _options(url: str, timeout: float) -> dict[str, Any]:
    # A SQLite connection belongs to its thread, so each operation opens a new one.
    if url.startswith("sqlite"):
        return {"poolclass": NullPool, "connect_args": {"timeout": timeout}}
    # Each thread that writes predictions holds a connection permanently; other threads must not wait for it.
    return {"pool_pre_ping": True, "max_overflow": -1}


def _open_sqlite(engine: Engine) -> None:
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    file = _file(engine)
    if file.exists() and _up_to_date(engine):
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    # The switch to WAL does not wait for other processes, even with a busy timeout.
    with FileLock(f"{file}.lock"):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT", begin=()) as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        with writing(engine) as connection:
            migrate(connection)


def _up_to_date(engine: Engine) -> bool:
    """True if schema and WAL mode are current; takes no lock, so that no command waits for a writer."""
    with engine.connect() as connection:
        is_wal = engine.dialect.name != "sqlite" or connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        return is_wal and up_to_date(connection)


def _file(engine: Engine) -> Path:
    return Path(engine.url.database or "needloop.db")


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # `_begin` begins transactions, not the driver
    connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
    # 512 KiB per connection. With SQLite's default of 2 MB the service grew by 8 MB in ten minutes, and the system
    # caches pages as well.
    connection.execute("PRAGMA cache_size=-512")


def _begin(connection: Connection) -> None:
    cursor = connection.connection.cursor()
    with explaining(connection.engine):
        for statement in connection.get_execution_options().get("begin", ["BEGIN"]):
            cursor.execute(statement)
    cursor.close()
