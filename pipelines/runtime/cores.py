"""How many cores a process may keep busy: those it may run on, and no more than its container's quota of time."""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

# Where Linux mounts control groups, and where it says to which of them this process belongs.
GROUPS, OURS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def cores(groups: Path = GROUPS, ours: Path = OURS) -> int:
    """At least one; a part of a core counts as one."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([there, *(math.ceil(quota) for quota in _quotas(groups, ours))]))


def _quotas(groups: Path, ours: Path) -> Iterator[float]:
    """Cores' worth of time that our group and each one around it may take, by control groups of either version."""
    with suppress(OSError):
        for line in ours.read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            names, around = controllers.split(","), PurePosixPath(path.lstrip("/"))
            # Within a container the path may be its host's: its own group is mounted at the top there.
            for place in (around, *around.parents):
                if "cpu" in names:
                    yield from _first(groups / "cpu" / place)
                elif names == [""]:
                    yield from _second(groups / place)


def _first(group: Path) -> Iterator[float]:
    with suppress(OSError, ValueError):
        quota, period = (
            int((group / f"cpu.cfs_{name}_us").read_text(encoding="ascii")) for name in ("quota", "period")
        )
        if quota > 0 and period > 0:
            yield quota / period


def _second(group: Path) -> Iterator[float]:
    with suppress(OSError, ValueError):
        quota, period = (group / "cpu.max").read_text(encoding="ascii").split()
        if quota != "max":
            yield int(quota) / int(period)
