"""CPU affinity: each worker thread is pinned to a core, as Linux moves threads so late that cores idle meanwhile."""

import os
import sys
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from threading import get_native_id

NICENESS = 5
# A thread that waits for its core for a larger share of the time shares it with another process, and is unpinned for
# a while.
MAX_WAIT_SHARE, LOOK_SECONDS, AWAY_SECONDS = 0.25, 1.0, 5.0
PROCESS = Path("/proc/self")


class CpuPinning:
    """The affinity of the calling thread, whose priority is lowered below that of the event loop.

    The thread is pinned if there are as many threads as cores and the system permits it; else it may use all cores.
    """

    def __init__(
        self, number: int, threads: int, process: Path = PROCESS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._all = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
        self._own = self._all[number : number + 1] if len(self._all) == threads else []
        self._file, self._clock = schedstat(process), clock
        self._next_look, self._waited, self._away = 0.0, 0.0, False
        if self._all:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, get_native_id(), NICENESS)
        self._set_affinity(self._own)

    def rebalance(self) -> None:
        """Leave a contended core, or return to it after a pause; does nothing between two looks."""
        now = self._clock()
        if not self._own or now < self._next_look:
            return
        waited = wait_seconds(self._file)
        if self._away or not self._next_look:
            self._away = False
            self._set_affinity(self._own)
        elif waited - self._waited > MAX_WAIT_SHARE * (now - self._next_look + LOOK_SECONDS):
            self._away = True
            self._set_affinity(self._all)
        self._waited, self._next_look = waited, now + (AWAY_SECONDS if self._away else LOOK_SECONDS)

    def _set_affinity(self, cores: Collection[int]) -> None:
        if cores:
            with suppress(OSError):
                os.sched_setaffinity(get_native_id(), cores)


def schedstat(process: Path = PROCESS) -> Path:
    """The kernel's statistics of the calling thread, below the folder of its process."""
    return process / "task" / str(get_native_id()) / "schedstat"


def wait_seconds(file: Path) -> float:
    """Seconds for which a runnable thread waited for a core, from the kernel's schedstat; 0 if it cannot be read."""
    with suppress(OSError, ValueError, IndexError):
        return int(file.read_text(encoding="ascii").split()[1]) / 1e9
    return 0.0
