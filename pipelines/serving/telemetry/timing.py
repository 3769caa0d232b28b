"""Request timing: a metric and a log line for each request."""

import time
from secrets import token_hex

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.serving.engine.client_connection import CLIENT
from pipelines.serving.telemetry.logs import REQUEST, write_line
from pipelines.serving.telemetry.metrics import Metrics

# Known methods; any other counts as "other", since a client may send anything.
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
# Polled every few seconds, or a dozen at a time by the console: logged only on errors.
QUIET = ("/healthz", "/readyz", "/metrics", "/static")


class RequestTiming:
    """Counts a request at the start of its response, by route pattern rather than path, which may hold anything.

    Each request gets an id, for its log lines and its response header `X-Request-Id`.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
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
