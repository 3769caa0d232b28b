"""Seconds, processor seconds and memory of a command in a fresh process, with all processes that it starts."""

import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

INTERVAL = 0.05  # seconds between two looks at the memory


class Cost(NamedTuple):
    """Wall seconds, processor seconds of all cores, and the largest memory of all processes together in MiB."""

    seconds: float
    cpu_seconds: float
    peak_mib: float


def cost_of(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """The cost of a command; what it prints goes to `log`. Raises CalledProcessError if it fails."""
    before, started_at, peak = _cpu_seconds(), time.perf_counter(), 0
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        while process.poll() is None:
            peak = max(peak, _memory(process.pid))
            time.sleep(INTERVAL)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, log.read_bytes()[-2_000:])
    return Cost(time.perf_counter() - started_at, _cpu_seconds() - before, peak / 2**20)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(process: int) -> int:
    """The resident memory of a process and of all below it; pages that they share count for each."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process)
        for part in (parent, *parent.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += part.memory_info().rss
    return total
