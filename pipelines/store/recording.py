"""Keeping answers over a connection that stays open: opening one for each costs more than the rows."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine

from pipelines.store import predictions
from pipelines.store.database import UNDURABLE
from pipelines.store.predictions import Prediction


class Recording:
    """For one thread: the connection belongs to the one that keeps first. After an error the next opens another."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(begin=UNDURABLE)
        self._connection: Connection | None = None

    def keep(self, answers: Sequence[Prediction]) -> None:
        """All or none."""
        connection = self._connection or self._engine.connect()
        self._connection = None
        try:
            with connection.begin():
                predictions.record(connection, answers)
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        self._connection = connection
