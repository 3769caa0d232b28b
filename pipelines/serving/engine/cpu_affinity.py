"""Where a worker runs: on a core of its own, as Linux moves threads so late that cores rest meanwhile."""

import os
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from threading import get_native_id

NICENESS = 5
# Who waits for its core for so much of the time shares it with somebody: for a while it goes where the system wants it.
MUCH, LOOK_SECONDS, AWAY_SECONDS = 0.25, 1.0, 5.0


class CpuPinning:
    """That of the calling thread, which lets the one that talks to everybody go first.

    It has a core where there are as many threads as cores; all cores otherwise, and where the system forbids more.
    """

    def __init__(self, number: int, threads: int) -> None:
        self._all = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
        self._own = self._all[number : number + 1] if len(self._all) == threads else []
        self._file = Path(f"/proc/self/task/{get_native_id()}/schedstat")
        self._next, self._waited, self._away = 0.0, 0.0, False
        if self._all:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, get_native_id(), NICENESS)
        self._go(self._own)

    def judge(self) -> None:
        """Now and then: leave the core or come back to it."""
        now = time.monotonic()
        if not self._own or now < self._next:
            return
        waited = _waited(self._file)
        if self._away or not self._next:
            self._away = False
            self._go(self._own)
        elif waited - self._waited > MUCH * (now - self._next + LOOK_SECONDS):
            self._away = True
            self._go(self._all)
        self._waited, self._next = waited, now + (AWAY_SECONDS if self._away else LOOK_SECONDS)

    def _go(self, where: Collection[int]) -> None:
        if where:
            with suppress(OSError):
                os.sched_setaffinity(get_native_id(), where)


def _waited(file: Path) -> float:
    """Seconds in which a thread could run and its core did something else, as the kernel counts them."""
    with suppress(OSError, ValueError, IndexError):
        return int(file.read_text(encoding="ascii").split()[1]) / 1e9
    return 0.0
