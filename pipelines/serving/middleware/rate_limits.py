"""How often each caller may ask: a bucket of tokens for each, kept as one moment in time."""

import time
from collections.abc import Callable

BURST_SECONDS = 2
REMEMBERED = 10_000


class RateLimits:
    """A bucket fills with `rate` tokens a second and holds two seconds' worth; each request takes one. 0: no limit.

    Kept is the moment at which the bucket will be full again (the generic cell rate algorithm, ITU-T I.371).
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._every = 1 / rate if rate else 0.0
        self._ahead = max(BURST_SECONDS - self._every, 0.0)
        self._clock = clock
        self._full: dict[str, float] = {}

    def wait(self, who: str) -> float:
        """Take a token; 0, or the seconds until there is one."""
        if not self._every:
            return 0.0
        now = self._clock()
        full = max(self._full.get(who, now), now)
        if (wait := full - now - self._ahead) > 0:
            return wait
        self._full[who] = full + self._every
        if len(self._full) > REMEMBERED:
            self._forget(now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Full buckets first, which lose nothing by it; then the oldest."""
        left = {who: full for who, full in self._full.items() if full > now}
        self._full = dict(list(left.items())[-REMEMBERED // 2 :])
