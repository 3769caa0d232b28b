"""A cache of counts over all feedback: they take seconds with hundreds of thousands of rows, and pages ask often."""

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

Total = TypeVar("Total")
QUICK_SECONDS = 1.0
# A slow count stays valid for this many times its own duration: counting then takes a twentieth of one core at most.
TIMES = 20


class FeedbackTotals:
    """Counts by name; a count that takes longer than `QUICK_SECONDS` is cached, any other is made at every call."""

    def __init__(self) -> None:
        self._totals, self._lock = dict[Hashable, tuple[float, Any]](), Lock()  # by name: expiry, and the count

    def of(self, name: Hashable, count: Callable[[], Total]) -> Total:
        """The result of `count`, or a cached result of this name."""
        with self._lock:
            expires, cached = self._totals.get(name, (0.0, None))
            started = time.monotonic()
            if started >= expires:
                cached = count()
                seconds = time.monotonic() - started
                self._totals[name] = started + (TIMES * seconds if seconds > QUICK_SECONDS else 0), cached
            total: Total = cached
            return total
