"""The base of the store's parts: queries run over one shared engine."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from pipelines.store.database import writing

P = ParamSpec("P")
T = TypeVar("T")


class StorePart:
    """The methods of a store on one subject; `_engine` is opened by the store."""

    _engine: Engine

    def _read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query on a connection of its own."""
        with self._engine.connect() as connection:
            return query(connection, *args, **kwargs)

    def _write(self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a change in one durable transaction."""
        with writing(self._engine) as connection:
            return change(connection, *args, **kwargs)

    def _write_fast(self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a change in one transaction that a power cut may undo."""
        with writing(self._engine, durable=False) as connection:
            return change(connection, *args, **kwargs)
