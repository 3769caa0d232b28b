"""What processes that train one network together share out and agree on; a process alone does all of it."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from accelerate.utils import broadcast_object_list, gather_object, reduce
from torch import Tensor

from pipelines.training.optimisation.cost import Cost

Row = TypeVar("Row")
Found = TypeVar("Found")


def world() -> int:
    """How many processes train together; one where none were started."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """Which of them this is, from 0."""
    return dist.get_rank() if world() > 1 else 0


def own(count: int) -> list[int]:
    """The places of this process among `count` rows. All processes get equally many: some get places beyond the end."""
    return list(range(rank(), -(-count // world()) * world(), world()))


def spread(rows: Sequence[Row], work: Callable[[Sequence[Row]], Sequence[Found]]) -> list[Found]:
    """What `work` finds for each row, in their order: every process works on its share and hears the others'."""
    if world() == 1:
        return list(work(rows))
    mine = [rows[min(at, len(rows) - 1)] for at in own(len(rows))]  # equally many: no process waits for ever
    parts = _gathered(list(work(mine)))
    return [parts[at % world()][at // world()] for at in range(len(rows))]


def agreed(value: Found) -> Found:
    """The first process's value, in every process."""
    if world() == 1:
        return value
    found: list[Found] = broadcast_object_list([value])
    return found[0]


def mean(value: float, place: torch.device) -> float:
    """The mean of every process's value."""
    if world() == 1:
        return value
    found: Tensor = reduce(torch.tensor(value, device=place), "mean")
    return found.item()


def together(cost: Cost) -> Cost:
    """The cost of all processes: their time on CPUs and GPUs and their memory add up, the wall's time does not."""
    if world() == 1:
        return cost
    costs = _gathered(cost)
    return Cost(
        seconds=max(one.seconds for one in costs),
        cpu_seconds=sum(one.cpu_seconds for one in costs),
        gpu_seconds=sum(one.gpu_seconds for one in costs),
        memory=sum(one.memory for one in costs),
        gpu_memory=max(one.gpu_memory for one in costs),
    )


def _gathered(value: Any) -> list[Any]:
    found: list[Any] = gather_object([value])
    return found
