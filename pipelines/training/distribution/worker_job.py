"""What the processes of one training are told, and where they leave what they have to say."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.catalog.spec import ModelSpec
from pipelines.training.network.network import Sharding
from pipelines.training.optimisation.cost import Cost


@dataclass(frozen=True)
class WorkerJob:
    """What each process is told: paths and declarations, never frames or weights."""

    spec: ModelSpec
    folder: Path
    parent: Path | None
    processes: int
    sharding: Sharding
    starter: int  # the process that waits for the result
    spent: Cost  # by the starter, until it gave the order
    given: float  # when that was, seconds since the epoch

    def before(self) -> Cost:
        """What the run cost until now: starting a process takes seconds too."""
        return replace(self.spent, seconds=self.spent.seconds + time.time() - self.given)

    @property
    def frame(self) -> Path:
        """The rows, masked long before; gone when the training ends."""
        return self.folder / "train.parquet"

    @property
    def progress(self) -> Path:
        """The first process's steps, a line each."""
        return self.folder / "progress.jsonl"

    @property
    def result(self) -> Path:
        """The challenger's record; there once weights and package are whole."""
        return self.folder / "challenger.json"

    @property
    def meeting(self) -> Path:
        """Where the processes find each other: a file, so that no port is open to others."""
        return self.folder / "meeting"
