"""Keeping answers by the driver itself over a connection that stays open: all else costs more than the rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, PoolProxiedConnection, insert

from pipelines.store.database import UNDURABLE, explaining
from pipelines.store.predictions import Prediction
from pipelines.store.tables import PREDICTIONS

# Half a megabyte of pages, not two, for each thread: the system's own cache is as near.
SMALL = "PRAGMA cache_size=-500"


class Recording:
    """For one thread: the connection belongs to the one that keeps first. After an error the next opens another."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: PoolProxiedConnection | None = None
        written = insert(PREDICTIONS).compile(dialect=engine.dialect)
        self._statement, self._places = str(written), written.positiontup
        # Elsewhere the driver begins a transaction by itself.
        self._opening = (SMALL, UNDURABLE[0]) if engine.dialect.name == "sqlite" else ()
        self._begin = UNDURABLE[1] if engine.dialect.name == "sqlite" else ""
        self._columns = [
            (column.key, column.type.dialect_impl(engine.dialect).bind_processor(engine.dialect) or _as_it_is)
            for column in PREDICTIONS.columns
        ]

    def keep(self, answers: Sequence[Prediction]) -> None:
        """All or none; raises DatabaseFault, and what else the driver and the pool raise."""
        if not answers:
            return
        with explaining(self._engine):
            self._keep(answers)

    def _keep(self, answers: Sequence[Prediction]) -> None:
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
        for statement in self._opening:
            connection.cursor().execute(statement)
        return connection

    def _row(self, answer: dict[str, Any]) -> Any:
        """As the driver takes it: named, or in the order of its question marks."""
        row = {name: process(answer[name]) for name, process in self._columns}
        return [row[name] for name in self._places] if self._places else row


def _as_it_is(value: Any) -> Any:
    return value
