"""Cost of a run, measured while it runs, and the budget that stops it."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import psutil
import torch

from pipelines.catalog.recipe import Budget
from pipelines.training.optimisation.peak_memory import PeakMemory


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
