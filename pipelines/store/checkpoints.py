"""SQLite's write-ahead log goes into the database beside those who write: in a commit it would take 15 ms."""

import time

from sqlalchemy import Engine

EVERY_SECONDS = 1.0
# Pages of 4 KB: a longer log is written back to its end, so that it begins anew; nobody is awaited for longer.
LONG, WAIT_MS = 4_000, 50


class Checkpoints:
    """For a thread that looks now and then; nothing to do in other databases."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._last = engine, 0.0

    def due(self) -> bool:
        """Whether the last one is long enough ago: each waits for the disk."""
        return self._engine.dialect.name == "sqlite" and time.monotonic() - self._last > EVERY_SECONDS

    def refresh(self) -> None:
        """Write what the log holds into the database; what is written meanwhile stays for the next time."""
        if not self.due():
            return
        self._last = time.monotonic()
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT", begin=()) as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={WAIT_MS}")
            _busy, pages, _written = connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
            if pages > LONG:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(FULL)")
