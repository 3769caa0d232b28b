"""Work and values shared by the processes of one training; a single process does all of it."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from accelerate.utils import broadcast_object_list, gather_object, reduce
from torch import Tensor

from pipelines.training.optimisation.cost import Cost

Row = TypeVar("Row")
Result = TypeVar("Result")


def world_size() -> int:
    """Number of processes that train together; 1 without a process group."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """Number of this process, from 0."""
    return dist.get_rank() if world_size() > 1 else 0


def own_indices(count: int) -> list[int]:
    """Row indices of this process, as many as every other process has: some may lie beyond `count`."""
    return list(range(rank(), -(-count // world_size()) * world_size(), world_size()))


def distribute(rows: Sequence[Row], work: Callable[[Sequence[Row]], Sequence[Result]]) -> list[Result]:
    """Results of `work` for all rows, in their order; every process computes its share and gathers the rest."""
    if world_size() == 1:
        return list(work(rows))
    own_rows = [
        rows[min(index, len(rows) - 1)] for index in own_indices(len(rows))
    ]  # equally many: a process would wait for a missing part
    parts = _gather(list(work(own_rows)))
    return [parts[index % world_size()][index // world_size()] for index in range(len(rows))]


def broadcast(value: Result) -> Result:
    """Value of the first process, in every process."""
    if world_size() == 1:
        return value
    values: list[Result] = broadcast_object_list([value])
    return values[0]


def mean_of_processes(value: float, device: torch.device) -> float:
    """Mean of the processes' values."""
    if world_size() == 1:
        return value
    mean: Tensor = reduce(torch.tensor(value, device=device), "mean")
    return mean.item()


def total_cost(cost: Cost) -> Cost:
    """Cost of all processes: CPU and GPU time and memory add up, wall time does not."""
    if world_size() == 1:
        return cost
    costs = _gather(cost)
    return Cost(
        seconds=max(part.seconds for part in costs),
        cpu_seconds=sum(part.cpu_seconds for part in costs),
        gpu_seconds=sum(part.gpu_seconds for part in costs),
        memory=sum(part.memory for part in costs),
        gpu_memory=max(part.gpu_memory for part in costs),
    )


def _gather(value: Any) -> list[Any]:
    values: list[Any] = gather_object([value])
    return values
