"""Highest resident memory of this process."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

PROCESS = Path("/proc/self")  # on Linux only


def resident_bytes() -> int:
    """Resident memory of this process, in bytes."""
    return int(psutil.Process().memory_info().rss)


class PeakMemory:
    """Highest resident memory of this process since construction.

    Where Linux lets a process reset the high-water mark that the kernel keeps, the highest value between two readings
    counts. Elsewhere (macOS, a container that forbids it) only the memory resident at a reading counts, without the
    activations that are freed within a step. The mark is one per process: a later instance resets it, and an earlier
    one then misses the time between its last reading and the reset.
    """

    def __init__(self, process: Path = PROCESS, resident: Callable[[], int] = resident_bytes) -> None:
        self._process, self._resident = process, resident
        self._marked = self._reset_mark()
        self._peak = 0
        self.read()

    def read(self) -> int:
        """Highest memory until now, in bytes."""
        self._peak = max(self._peak, self._high_water() if self._marked else self._resident())
        return self._peak

    def _reset_mark(self) -> bool:
        """Reset the kernel's high-water mark of this process's memory (proc(5), clear_refs); True if that worked."""
        with suppress(OSError):  # no Linux, or a container that mounts /proc read-only
            (self._process / "clear_refs").write_text("5", encoding="ascii")
            return self._high_water() > 0
        return False

    def _high_water(self) -> int:
        """Highest resident memory since the mark was reset, in bytes; 0 where the kernel has none."""
        lines = (self._process / "status").read_text(encoding="utf-8").splitlines()
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
