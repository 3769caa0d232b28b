"""The log: one JSON object per line, with ids and without texts."""

import json
import logging
import sys
import time
import traceback
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

# The id of the current request, also in the threads that work on it.
REQUEST: ContextVar[str | None] = ContextVar("request", default=None)

_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode


class JsonFormatter(logging.Formatter):
    """Formats a record as JSON: time, level, message, request id, logger; for an error its type and traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line; of an exception only type and traceback, because its message may contain a text."""
        fields = _base_fields(record.created, record.levelname, record.getMessage()) | {"logger": record.name}
        if record.exc_info and (error := record.exc_info[1]):
            fields |= {"error": type(error).__name__, "place": "".join(traceback.format_tb(error.__traceback__))}
        return _encode(fields)


def write_line(message: str, **fields: Any) -> None:
    """Write one line to standard error, past `logging`: 8 µs instead of 50."""
    with suppress(OSError, ValueError):  # a full disk or a closed terminal must not fail a request
        sys.stderr.write(_encode(_base_fields(time.time(), "INFO", message) | fields) + "\n")
        sys.stderr.flush()


def _base_fields(seconds: float, level: str, message: str) -> dict[str, Any]:
    moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return {"time": moment, "level": level, "message": message, "request": REQUEST.get()}


def configure() -> None:
    """Log to standard error from level INFO on, as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for logger in ("httpx", "alembic.runtime.plugins"):
        logging.getLogger(logger).setLevel(logging.WARNING)
