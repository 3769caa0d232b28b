"""What a run costs, measured while it runs, and a budget that stops it."""

import resource
import sys
import time
from dataclasses import asdict, dataclass

import psutil
import torch

from pipelines.recipe import Budget


class OverBudget(RuntimeError):
    """A run that cost more than its recipe allows."""


@dataclass(frozen=True)
class Cost:
    """Wall, CPU and GPU time in seconds, the process's highest resident memory and the GPU's in bytes."""

    seconds: float
    cpu_seconds: float
    gpu_seconds: float
    memory: int
    gpu_memory: int

    def figures(self) -> dict[str, float]:
        """By name, as MLflow logs them."""
        return {f"cost.{name}": float(value) for name, value in asdict(self).items()}


class Meter:
    """Runs from its making; `spent` reads it."""

    def __init__(self, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self.started, self.cpu = time.perf_counter(), _cpu_seconds()
        self.gpu = torch.cuda.is_available()
        if self.gpu:
            torch.cuda.reset_peak_memory_stats()

    def spent(self) -> Cost:
        """Cost until now; a GPU counts as busy for as long as the run holds it."""
        seconds = time.perf_counter() - self.started
        memory = torch.cuda.max_memory_allocated() if self.gpu else 0
        return Cost(seconds, _cpu_seconds() - self.cpu, seconds if self.gpu else 0.0, _peak(), memory)

    def check(self) -> None:
        """Raise OverBudget where the run has cost more than its recipe allows."""
        limits = {
            "seconds": self.budget.seconds,
            "cpu_seconds": self.budget.cpu_seconds,
            "memory_gib": self.budget.memory_gib,
        }
        if not any(limits.values()):
            return
        spent, resident = self.spent(), psutil.Process().memory_info().rss
        found = {"seconds": spent.seconds, "cpu_seconds": spent.cpu_seconds, "memory_gib": resident / 2**30}
        for name, limit in limits.items():
            if limit is not None and found[name] > limit:
                raise OverBudget(
                    f"the run took {found[name]:.1f} of {limit:g} {name} its recipe's budget allows; "
                    "raise the budget, or freeze more layers, or lower epochs or max_tokens"
                )


def _cpu_seconds() -> float:
    own = psutil.Process().cpu_times()
    return float(own.user + own.system)


def _peak() -> int:
    """Highest resident memory of this process, in bytes; the system counts in KiB, but on macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
