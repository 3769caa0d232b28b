"""Limits of requests: their rate, the load of the worker threads, type and size of a body."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.serving.engine.worker_threads import WorkerThreads
from pipelines.serving.middleware.browser_safety import READ_METHODS
from pipelines.serving.middleware.route_scopes import NO_ROUTE

MAX_BYTES = 4 * 2**20
TOO_LARGE = f"a body may have {MAX_BYTES} bytes at most: send the texts in several requests"
COMPRESSED = "send the body as it is, without `Content-Encoding`"
CSV = "text/csv"
CSV_ROUTES = ("/invocations",)
NOT_JSON = "send JSON, with the header `Content-Type: application/json`"
NOT_CSV = f"{NOT_JSON}, or CSV with `Content-Type: {CSV}`"


class BodyLimits:
    """Refuses with 415 or 413; a body larger than its Content-Length is cut off while it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on with a limit on its body."""
        # A request without a route gets 404 rather than a refusal of its body.
        if scope["type"] != "http" or scope["method"] in READ_METHODS or scope["state"]["route"] == NO_ROUTE:
            await self.app(scope, receive, send)
        elif refusal := _refusal(dict(scope["headers"]), scope["state"]["route"] in CSV_ROUTES):
            await refusal(scope, receive, send)
        else:
            await self.app(scope, _limited(receive), send)


def _refusal(headers: Mapping[bytes, bytes], takes_csv: bool) -> JSONResponse | None:
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    # A web page of another site can send some other types without a question of the browser (a preflight) first.
    if kind != b"application/json" and not (takes_csv and kind == CSV.encode()):
        return JSONResponse({"detail": NOT_CSV if takes_csv else NOT_JSON}, 415)
    if headers.get(b"content-encoding", b"").strip().lower() not in (b"", b"identity"):
        return JSONResponse({"detail": COMPRESSED}, 415)
    size = headers.get(b"content-length", b"0")
    if size.isdigit() and int(size) > MAX_BYTES:
        return JSONResponse({"detail": TOO_LARGE}, 413)
    return None


def _limited(receive: Receive) -> Receive:
    size = 0

    async def limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BYTES:
            raise HTTPException(413, TOO_LARGE)
        return message

    return limited


BURST_SECONDS = 2


MAX_CALLERS = 10_000


class RateLimits:
    """Token buckets: each refills at `rate` tokens a second up to two seconds' worth. A rate of 0 is no limit.

    A bucket is stored as the time at which it will be full again (generic cell rate algorithm, ITU-T I.371).
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._every = 1 / rate if rate else 0.0
        self._ahead = max(BURST_SECONDS - self._every, 0.0)
        self._clock = clock
        self._full_at: dict[str, float] = {}

    @property
    def callers(self) -> int:
        """Number of callers whose buckets are stored."""
        return len(self._full_at)

    def wait(self, caller: str) -> float:
        """Take a token; returns 0, or the seconds until one is available."""
        if not self._every:
            return 0.0
        now = self._clock()
        full_at = max(self._full_at.get(caller, now), now)
        if (wait := full_at - now - self._ahead) > 0:
            return wait
        self._full_at[caller] = full_at + self._every
        if self.callers > MAX_CALLERS:
            self._evict(now)
        return 0.0

    def _evict(self, now: float) -> None:
        """Remove full buckets, which equal new ones, and then the oldest."""
        filling = {caller: full_at for caller, full_at in self._full_at.items() if full_at > now}
        self._full_at = dict(list(filling.items())[-MAX_CALLERS // 2 :])


# A client that retries within 30 ms is delayed by 12 ms: its retries take less time from waiting requests.
MIN_RETRY_SECONDS, PAUSE_SECONDS = 0.03, 0.012


MAX_REFUSED = 1000


class OverloadCheck:
    """Remembers the moment at which each connection was refused last."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock, self._sleep, self._refused = clock, sleep, dict[Any, float]()

    async def refuses(self, workers: WorkerThreads, connection: Any) -> bool:
        """True if the request would miss its deadline; a client that retries too soon is delayed before the check."""
        if workers.busy and self._clock() - self._refused.get(connection, 0.0) < MIN_RETRY_SECONDS:
            await self._sleep(PAUSE_SECONDS)
        if not workers.busy:
            return False
        if len(self._refused) >= MAX_REFUSED:
            self._refused.clear()
        self._refused[connection] = self._clock()
        return True
