"""How long each route takes to answer, and with which status."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.serving.metrics import Metrics


class Timing:
    """Counts a request when its answer begins, under the route's pattern: a path may hold anything."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self._requests = app, metrics.requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note when its answer begins."""
        start = time.perf_counter()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                self._requests.labels(route, message["status"]).observe(time.perf_counter() - start)
            await send(message)

        await self.app(scope, receive, timed)
