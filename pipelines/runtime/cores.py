"""The number of cores that a process may use: its CPU affinity, limited by the CPU quota of its container."""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

# The mount of Linux control groups, and the file with the groups of this process.
MOUNT, MEMBERSHIP = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def cores(mount: Path = MOUNT, membership: Path = MEMBERSHIP) -> int:
    """The number of usable cores, at least one; a fraction counts as one."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([available, *(math.ceil(quota) for quota in _quotas(mount, membership))]))


def _quotas(mount: Path, membership: Path) -> Iterator[float]:
    """The CPU quotas, in cores, of this process' group and its parents, for control groups of both versions."""
    with suppress(OSError):
        for line in membership.read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            names, group = controllers.split(","), PurePosixPath(path.lstrip("/"))
            # In a container the path may be the host's, while the container's own group is mounted at the root.
            for folder in (group, *group.parents):
                if "cpu" in names:
                    yield from _quota_v1(mount / "cpu" / folder)
                elif names == [""]:
                    yield from _quota_v2(mount / folder)


def _quota_v1(group: Path) -> Iterator[float]:
    with suppress(OSError, ValueError):
        quota, period = (
            int((group / f"cpu.cfs_{name}_us").read_text(encoding="ascii")) for name in ("quota", "period")
        )
        if quota > 0 and period > 0:
            yield quota / period


def _quota_v2(group: Path) -> Iterator[float]:
    with suppress(OSError, ValueError):
        quota, period = (group / "cpu.max").read_text(encoding="ascii").split()
        if quota != "max":
            yield int(quota) / int(period)
