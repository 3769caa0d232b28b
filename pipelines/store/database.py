"""Opening the database by its address: SQLite where nothing else is named, PostgreSQL with the same code."""

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
# Any number will do, so long as every process locks the same one while it migrates.
SCHEMA_LOCK = 7263549
# Of 4 KB: so large the log may grow before whoever commits writes it into the database (see `checkpoints`).
LOG_PAGES = 16_000
UNDURABLE = ("PRAGMA synchronous=NORMAL", "BEGIN IMMEDIATE")
DURABLE = ("PRAGMA synchronous=FULL", "BEGIN IMMEDIATE")


def open_database(url: str, patience: float = BUSY_SECONDS) -> Engine:
    """The engine at a SQLAlchemy address, with this program's schema; safe when several processes come first.

    A writer waits `patience` seconds for another. Raises NewerDatabase and, as every use of the engine, DatabaseFault.
    """
    # Parameters are texts of customers: an error message must not carry them into a log.
    engine = create_engine(url, hide_parameters=True, **_options(url, patience))
    event.listen(engine, "handle_error", _explain)
    if engine.dialect.name == "sqlite":
        _open_sqlite(engine)
    elif not _up_to_date(engine):
        with writing(engine) as connection:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})"))
            migrate(connection)
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
    with explaining(engine):
        connection = sqlite3.connect(_file(engine))
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    return connection


def database_file(engine: Engine) -> Path | None:
    """Where the database lies, None where it is no file."""
    return _file(engine) if engine.dialect.name == "sqlite" else None


@contextmanager
def explaining(engine: Engine) -> Iterator[None]:
    """Within, what the driver raises where it is asked without the engine becomes DatabaseFault where it is one."""
    try:
        yield
    except engine.dialect.loaded_dbapi.Error as error:
        if fault := _fault(error, engine):
            raise fault from error
        raise


def _explain(context: ExceptionContext) -> None:
    if context.engine and not context.is_pre_ping and (fault := _fault(context.original_exception, context.engine)):
        raise fault


def _fault(error: BaseException, engine: Engine) -> DatabaseFault | None:
    if isinstance(error, sqlite3.Error):
        return sqlite_fault(error, _file(engine))
    driver = engine.dialect.loaded_dbapi
    if not isinstance(error, driver.OperationalError | driver.InterfaceError):
        return None
    why = " ".join(str(error).split()) or type(error).__name__
    return DatabaseFault(f"{engine.url.render_as_string(hide_password=True)} cannot be used: {why}")


def _options(url: str, patience: float) -> dict[str, Any]:
    # A connection of SQLite belongs to its thread, so each operation opens its own.
    if url.startswith("sqlite"):
        return {"poolclass": NullPool, "connect_args": {"timeout": patience}}
    # Each thread that keeps answers has a connection for good; the others must not wait for those.
    return {"pool_pre_ping": True, "max_overflow": -1}


def _open_sqlite(engine: Engine) -> None:
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    file = _file(engine)
    if file.exists() and _up_to_date(engine):
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    # Turning the write-ahead log on does not wait for other processes, whatever the busy timeout says.
    with FileLock(f"{file}.lock"):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT", begin=()) as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        with writing(engine) as connection:
            migrate(connection)


def _up_to_date(engine: Engine) -> bool:
    """Whether there is nothing to do: asked without a lock, so that no command waits for one that writes."""
    with engine.connect() as connection:
        logged = engine.dialect.name != "sqlite" or connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        return logged and up_to_date(connection)


def _file(engine: Engine) -> Path:
    return Path(engine.url.database or "needloop.db")


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are ours to begin
    connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
    # KiB a connection. With SQLite's 2 MB each the service grew by 8 MB in ten minutes; the system keeps pages, too.
    connection.execute("PRAGMA cache_size=-512")


def _begin(connection: Connection) -> None:
    cursor = connection.connection.cursor()
    with explaining(connection.engine):
        for statement in connection.get_execution_options().get("begin", ["BEGIN"]):
            cursor.execute(statement)
    cursor.close()
