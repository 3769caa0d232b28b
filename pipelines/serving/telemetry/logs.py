"""The log: one JSON object per line, with ids and without texts; each request is timed for its line and a metric."""

import json
import logging
import sys
import time
import traceback
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.serving.engine.client_connection import CLIENT

if TYPE_CHECKING:  # it takes half a second, which the parent of worker processes is spared
    from pipelines.serving.telemetry.metrics import Metrics

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


# Known methods; any other counts as "other", since a client may send anything.
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


# Polled every few seconds, or a dozen at a time by the console: logged only on errors.
QUIET = ("/healthz", "/readyz", "/metrics", "/static")


class RequestTiming:
    """Counts a request at the start of its response, by route pattern rather than path, which may hold anything.

    Each request gets an id, for its log lines and its response header `X-Request-Id`.
    """

    def __init__(self, app: ASGIApp, metrics: "Metrics") -> None:
        self.app, self._requests = app, metrics.requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and measure the seconds until its response starts."""
        start, request = time.perf_counter(), token_hex(16)
        REQUEST.set(request)
        CLIENT.set(scope.get("state", {}).get("client_connection"))

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._record(scope, message["status"], time.perf_counter() - start)
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request.encode())]
            await send(message)

        await self.app(scope, receive, timed)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        state = scope.get("state", {})
        route, caller = state.get("route", "none"), state.get("caller")
        self._requests.labels(route, status).observe(seconds)
        # Status 429 is only counted: a log line for each would slow the waiting requests.
        if status != 429 and (route not in QUIET or status >= 400):
            method = scope["method"] if scope["method"] in METHODS else "other"
            key = caller and caller.id
            write_line("answered", method=method, route=route, status=status, ms=round(seconds * 1e3, 2), key=key)
