"""The only access to the database: predictions, feedback, rollouts, ledger heads, keys and uses of test sets."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import update

from pipelines.store import test_set_uses
from pipelines.store.checkpoints import Checkpoints
from pipelines.store.database import BUSY_SECONDS, database_file, open_database, open_keepalive, writing
from pipelines.store.feedback_store import FeedbackStore
from pipelines.store.key_store import KeyStore
from pipelines.store.ledger_head_store import LedgerHeadStore
from pipelines.store.prediction_store import PredictionStore
from pipelines.store.rollout_store import RolloutStore
from pipelines.store.tables import VERSIONS


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
