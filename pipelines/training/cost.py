"""What a run costs, measured while it runs, and a budget that stops it."""

import time
from dataclasses import asdict, dataclass

import psutil
import torch

from pipelines.recipe import Budget


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


class Meter:
    """Runs from its making; `spent` reads it. Memory is looked at in every check, so a moment between two is missed."""

    def __init__(self, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self.started, self.cpu, self.memory = time.perf_counter(), _cpu_seconds(), _resident()
        self.gpu = torch.cuda.is_available()
        if self.gpu:
            torch.cuda.reset_peak_memory_stats()

    def spent(self) -> Cost:
        """Cost until now; a GPU counts as busy for as long as the run holds it."""
        seconds = time.perf_counter() - self.started
        self.memory = max(self.memory, _resident())
        memory = torch.cuda.max_memory_allocated() if self.gpu else 0
        return Cost(seconds, _cpu_seconds() - self.cpu, seconds if self.gpu else 0.0, self.memory, memory)

    def check(self) -> None:
        """Look at the memory, and raise OverBudget where the run has cost more than its recipe allows."""
        self.memory = max(self.memory, _resident())
        limits = {
            "seconds": self.budget.seconds,
            "cpu_seconds": self.budget.cpu_seconds,
            "memory_gib": self.budget.memory_gib,
        }
        if not any(limits.values()):
            return
        spent = self.spent()
        found = {"seconds": spent.seconds, "cpu_seconds": spent.cpu_seconds, "memory_gib": spent.memory / 2**30}
        for name, limit in limits.items():
            if limit is not None and found[name] > limit:
                raise OverBudget(
                    f"the run took {found[name]:.1f} of {limit:g} {name} its recipe's budget allows; "
                    "raise the budget, or freeze more layers, or lower epochs or max_tokens"
                )


def _cpu_seconds() -> float:
    own = psutil.Process().cpu_times()
    return float(own.user + own.system)


def _resident() -> int:
    """Resident memory of this process, in bytes."""
    return int(psutil.Process().memory_info().rss)
