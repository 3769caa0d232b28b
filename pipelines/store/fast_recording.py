"""Writes predictions with the driver itself, over an open connection: SQLAlchemy costs more than the rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, PoolProxiedConnection, insert

from pipelines.store.database import UNDURABLE, explaining
from pipelines.store.predictions import Prediction
from pipelines.store.tables import PREDICTIONS

# 500 KiB of pages for each thread instead of 2 MB: the system caches the file as well.
SMALL_CACHE = "PRAGMA cache_size=-500"


class PredictionWriter:
    """The writer of one thread; its connection is opened at the first write, and again after an error."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: PoolProxiedConnection | None = None
        statement = insert(PREDICTIONS).compile(dialect=engine.dialect)
        self._statement, self._positions = str(statement), statement.positiontup
        # Drivers of other databases begin a transaction by themselves.
        self._setup = (SMALL_CACHE, UNDURABLE[0]) if engine.dialect.name == "sqlite" else ()
        self._begin = UNDURABLE[1] if engine.dialect.name == "sqlite" else ""
        self._columns = [
            (column.key, column.type.dialect_impl(engine.dialect).bind_processor(engine.dialect) or _unchanged)
            for column in PREDICTIONS.columns
        ]

    def write(self, answers: Sequence[Prediction]) -> None:
        """Write all predictions or none; raises DatabaseFault, and other errors of driver and pool."""
        if not answers:
            return
        with explaining(self._engine):
            self._write(answers)

    def _write(self, answers: Sequence[Prediction]) -> None:
        rows = [self._row(vars(answer)) for answer in answers]
        connection = self._connection or self._open()
        self._connection = None
        try:
            cursor = connection.cursor()
            if self._begin:
                cursor.execute(self._begin)
            cursor.executemany(self._statement, rows)
            connection.commit()
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        self._connection = connection

    def _open(self) -> PoolProxiedConnection:
        connection = self._engine.raw_connection()
        for statement in self._setup:
            connection.cursor().execute(statement)
        return connection

    def _row(self, answer: dict[str, Any]) -> Any:
        """The parameters of the driver: named, or in the order of the question marks."""
        row = {name: process(answer[name]) for name, process in self._columns}
        return [row[name] for name in self._positions] if self._positions else row


def _unchanged(value: Any) -> Any:
    return value
