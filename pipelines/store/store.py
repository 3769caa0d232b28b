"""The only access to the database: predictions, feedback, rollouts, ledger heads, keys and uses of test sets."""

import time
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, update

from pipelines.store import test_set_uses
from pipelines.store.database import BUSY_SECONDS, database_file, open_database, open_keepalive, writing
from pipelines.store.feedback_store import FeedbackStore
from pipelines.store.keyring import KeyStore
from pipelines.store.ledger_heads import LedgerHeadStore
from pipelines.store.prediction_store import PredictionStore
from pipelines.store.rollout_store import RolloutStore
from pipelines.store.tables import VERSIONS

EVERY_SECONDS = 1.0
# Pages of 4 KB: a longer WAL is checkpointed in full, so that it restarts at its beginning.
MAX_PAGES = 4_000
BUSY_TIMEOUT_MS = 50


class Checkpoints:
    """Checkpoints of SQLite's WAL by a thread that calls `refresh`: inside a commit a checkpoint takes 15 ms."""

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


class Store(PredictionStore, FeedbackStore, RolloutStore, LedgerHeadStore, KeyStore):
    """The database at a SQLAlchemy address, in one part per subject.

    A written row outlives this process; feedback outlives a power cut as well. A method waits `timeout` seconds for a
    locked database. All methods raise DatabaseFault if the database cannot be used.
    """

    def __init__(self, url: str, timeout: float = BUSY_SECONDS) -> None:
        self._engine = open_database(url, timeout)
        self._keepalive = open_keepalive(self._engine)

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database, else None."""
        return database_file(self._engine)

    def checkpoints(self) -> Checkpoints:
        """The WAL checkpoints, for a background thread."""
        return Checkpoints(self._engine)

    def check_writable(self) -> None:
        """Rewrite one row without a change; raises DatabaseFault if the database cannot be written."""
        with writing(self._engine, durable=False) as connection:
            connection.execute(update(VERSIONS).values(version_num=VERSIONS.c.version_num))

    def record_test_set_use(self, split: str, model: str, purpose: str) -> int:
        """Record one use of a held-out split; returns the number of its uses, this one included."""
        return self._write(test_set_uses.record, split, model, purpose)

    def test_set_uses(self, split: str) -> list[tuple[datetime, str]]:
        """Time and purpose of each use of a split, in order."""
        return self._read(test_set_uses.list_uses, split)
