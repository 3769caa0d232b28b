"""What a run costs, measured while it runs, and a budget that stops it."""

import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil
import torch

from pipelines.catalog.recipe import Budget

PROCESS = Path("/proc/self")  # of Linux alone


class OverBudget(RuntimeError):
    """A run that cost more than its recipe allows."""


@dataclass(frozen=True)
class Cost:
    """Wall, CPU and GPU time in seconds, the run's highest resident memory and the GPU's in bytes."""

    seconds: float
    cpu_seconds: float
    gpu_seconds: float
    memory: int
    gpu_memory: int

    def figures(self) -> dict[str, float]:
        """By name, as MLflow logs them."""
        return {f"cost.{name}": float(value) for name, value in asdict(self).items()}

    def then(self, later: "Cost") -> "Cost":
        """Of two phases, one after the other: times add up, of memory the higher counts."""
        return Cost(
            seconds=self.seconds + later.seconds,
            cpu_seconds=self.cpu_seconds + later.cpu_seconds,
            gpu_seconds=self.gpu_seconds + later.gpu_seconds,
            memory=max(self.memory, later.memory),
            gpu_memory=max(self.gpu_memory, later.gpu_memory),
        )

    def of(self, processes: int) -> "Cost":
        """Of so many processes at once that cost as much each, what a budget limits: the wall's time is one."""
        return replace(self, cpu_seconds=self.cpu_seconds * processes, memory=self.memory * processes)


NOTHING = Cost(0.0, 0.0, 0.0, 0, 0)


class Meter:
    """Runs from its making; `spent` reads it.

    Memory counts with every moment between two checks where Linux lets a process reset the high-water mark that its
    kernel keeps. Elsewhere (macOS, a container that forbids it) it is what is resident in a check: activations, which
    are gone after a step, are missed. The mark is one per process: a later meter resets it, and an earlier one then
    misses what came between its last check and that moment, no more.

    `spent` is of this process since then; `check` adds what the run spent `before`, and takes each of the `processes`
    for as dear as this one: a process keeps to its share of the budget, and none waits to hear of the others.
    """

    def __init__(self, budget: Budget | None = None, before: Cost = NOTHING, processes: int = 1) -> None:
        self.budget, self.before, self.processes = budget or Budget(), before, processes
        self.started, self.cpu = time.perf_counter(), _cpu_seconds()
        self.marked = _reset_mark()
        self.memory = self._held()
        self.gpu = torch.cuda.is_available()
        if self.gpu:
            torch.cuda.reset_peak_memory_stats()

    def spent(self) -> Cost:
        """Cost until now; a GPU counts as busy for as long as the run holds it."""
        seconds = time.perf_counter() - self.started
        self.memory = max(self.memory, self._held())
        memory = torch.cuda.max_memory_allocated() if self.gpu else 0
        return Cost(seconds, _cpu_seconds() - self.cpu, seconds if self.gpu else 0.0, self.memory, memory)

    def check(self) -> None:
        """Look at the memory, and raise OverBudget where the run has cost more than its recipe allows."""
        self.memory = max(self.memory, self._held())
        limits = {
            "seconds": self.budget.seconds,
            "cpu_seconds": self.budget.cpu_seconds,
            "memory_gib": self.budget.memory_gib,
        }
        if not any(limits.values()):
            return
        spent = self.before.then(self.spent().of(self.processes))
        found = {"seconds": spent.seconds, "cpu_seconds": spent.cpu_seconds, "memory_gib": spent.memory / 2**30}
        for name, limit in limits.items():
            if limit is not None and found[name] > limit:
                raise OverBudget(
                    f"the run took {found[name]:.1f} of {limit:g} {name} its recipe's budget allows; "
                    "raise the budget, or freeze more layers, or lower epochs or max_tokens"
                )

    def _held(self) -> int:
        """Bytes: the highest since the mark was reset, or those of this moment."""
        return _high_water() if self.marked else _resident()


def _cpu_seconds() -> float:
    own = psutil.Process().cpu_times()
    return float(own.user + own.system)


def _resident() -> int:
    """Resident memory of this process, in bytes."""
    return int(psutil.Process().memory_info().rss)


def _reset_mark() -> bool:
    """Let the kernel's high-water mark of this process's memory start anew; whether it could (proc(5), clear_refs)."""
    with suppress(OSError):  # no Linux, or a container that mounts /proc read-only
        (PROCESS / "clear_refs").write_text("5", encoding="ascii")
        return _high_water() > 0
    return False


def _high_water() -> int:
    """The highest resident memory of this process since its mark was reset, in bytes; 0 where no kernel says so."""
    lines = (PROCESS / "status").read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
