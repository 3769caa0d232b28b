"""How long each route takes to answer, and with which status: counted, and a line in the log."""

import time
from secrets import token_hex

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.serving.engine.client_connection import ASKER
from pipelines.serving.telemetry.logs import REQUEST, line
from pipelines.serving.telemetry.metrics import Metrics

# A client may write what it likes in place of one of these.
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
# Asked every few seconds by machines, or a dozen at a time by the console: a line for each would drown the others.
QUIET = ("/healthz", "/readyz", "/metrics", "/static")


class Timing:
    """Counts a request when its answer begins, under the route's pattern: a path may hold anything.

    The request gets an id of ours, which its log lines carry and its answer tells in `X-Request-Id`.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self._requests = app, metrics.requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note when its answer begins."""
        start, request = time.perf_counter(), token_hex(16)
        REQUEST.set(request)
        ASKER.set(scope.get("state", {}).get("asker"))

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, message["status"], time.perf_counter() - start)
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request.encode())]
            await send(message)

        await self.app(scope, receive, timed)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        state = scope.get("state", {})
        route, caller = state.get("route", "none"), state.get("caller")
        self._requests.labels(route, status).observe(seconds)
        # Whoever comes too often is counted: a line for each would take the time that others wait for.
        if status != 429 and (route not in QUIET or status >= 400):
            method = scope["method"] if scope["method"] in METHODS else "other"
            key = caller and caller.id
            line("answered", method=method, route=route, status=status, ms=round(seconds * 1e3, 2), key=key)
