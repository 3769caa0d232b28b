"""Overload: requests that would miss their deadline are refused, and clients that retry too soon are delayed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from pipelines.serving.engine.worker_threads import WorkerThreads

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
