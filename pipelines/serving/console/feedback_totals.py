"""Counts over all feedback: they take seconds where there are hundreds of thousands of rows, and pages ask for them."""

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

Found = TypeVar("Found")
QUICK_SECONDS = 1.0
# What takes longer is relied on for so many times as long: counting takes a twentieth of one core at most.
TIMES = 20


class Counts:
    """Counts that are taken anew at every look while that is quick."""

    def __init__(self) -> None:
        self._known, self._lock = dict[Hashable, tuple[float, Any]](), Lock()

    def of(self, name: Hashable, count: Callable[[], Found]) -> Found:
        """What `count` gives, or gave a moment ago under this name."""
        with self._lock:
            until, found = self._known.get(name, (0.0, None))
            begun = time.monotonic()
            if begun >= until:
                found = count()
                spent = time.monotonic() - begun
                self._known[name] = begun + (TIMES * spent if spent > QUICK_SECONDS else 0), found
            known: Found = found
            return known
