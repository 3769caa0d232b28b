"""Cost of a run, measured while it runs, its peak of memory, and the budget that stops it."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil
import torch

from pipelines.catalog.recipe import Budget

PROCESS = Path("/proc/self")  # on Linux only


class OverBudget(RuntimeError):
    """The run cost more than its recipe's budget allows."""


@dataclass(frozen=True)
class Cost:
    """Wall, CPU and GPU time in seconds; highest resident memory and highest GPU memory in bytes."""

    seconds: float
    cpu_seconds: float
    gpu_seconds: float
    memory: int
    gpu_memory: int

    def figures(self) -> dict[str, float]:
        """MLflow metrics by name."""
        return {f"cost.{name}": float(value) for name, value in asdict(self).items()}

    def add(self, later: "Cost") -> "Cost":
        """Cost of this phase and a later one: times add up, of memory the higher counts."""
        return Cost(
            seconds=self.seconds + later.seconds,
            cpu_seconds=self.cpu_seconds + later.cpu_seconds,
            gpu_seconds=self.gpu_seconds + later.gpu_seconds,
            memory=max(self.memory, later.memory),
            gpu_memory=max(self.gpu_memory, later.gpu_memory),
        )

    def times(self, processes: int) -> "Cost":
        """Cost of so many processes at once that cost as much each; wall time stays that of one."""
        return replace(self, cpu_seconds=self.cpu_seconds * processes, memory=self.memory * processes)


ZERO_COST = Cost(0.0, 0.0, 0.0, 0, 0)


def process_cpu_seconds() -> float:
    """CPU time of this process, in seconds."""
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)


class Meter:
    """Measures the cost of this process from its construction and checks it against a budget.

    `cost` is of this process alone; `check` adds the cost `before` the meter and assumes that each of `processes` costs
    as much as this one, so that no process waits for the others. `memory` reads the highest memory until now, in bytes;
    `PeakMemory` by default.
    """

    def __init__(
        self,
        budget: Budget | None = None,
        before: Cost = ZERO_COST,
        processes: int = 1,
        cpu_seconds: Callable[[], float] = process_cpu_seconds,
        memory: Callable[[], int] | None = None,
    ) -> None:
        self.budget, self.before, self.processes = budget or Budget(), before, processes
        self._cpu_seconds, self._memory = cpu_seconds, memory or PeakMemory().read
        self.started, self.cpu = time.perf_counter(), cpu_seconds()
        self.gpu = torch.cuda.is_available()
        if self.gpu:
            torch.cuda.reset_peak_memory_stats()

    def cost(self) -> Cost:
        """Cost until now; a GPU counts as busy for as long as the run holds it."""
        seconds = time.perf_counter() - self.started
        gpu_memory = torch.cuda.max_memory_allocated() if self.gpu else 0
        gpu_seconds = seconds if self.gpu else 0.0
        return Cost(seconds, self._cpu_seconds() - self.cpu, gpu_seconds, self._memory(), gpu_memory)

    def check(self) -> None:
        """Sample the memory. Raises OverBudget where the run cost more than its recipe's budget allows."""
        self._memory()
        limits = {
            "seconds": self.budget.seconds,
            "cpu_seconds": self.budget.cpu_seconds,
            "memory_gib": self.budget.memory_gib,
        }
        if not any(limits.values()):
            return
        total = self.before.add(self.cost().times(self.processes))
        measured = {"seconds": total.seconds, "cpu_seconds": total.cpu_seconds, "memory_gib": total.memory / 2**30}
        for name, limit in limits.items():
            if limit is not None and measured[name] > limit:
                raise OverBudget(
                    f"the run took {measured[name]:.1f} of {limit:g} {name} its recipe's budget allows; "
                    "raise the budget, or freeze more layers, or lower epochs or max_tokens"
                )


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
