"""Rate limits: a token bucket for each caller, stored as one moment in time."""

import time
from collections.abc import Callable

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
