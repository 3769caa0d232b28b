"""Description of one training run for its worker processes, and the files in which they report."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.catalog.spec import ModelSpec
from pipelines.training.network.network import Sharding
from pipelines.training.optimisation.cost import Cost


@dataclass(frozen=True)
class WorkerJob:
    """Input of each worker process: paths and declarations, never frames or weights."""

    spec: ModelSpec
    folder: Path
    parent: Path | None
    processes: int
    sharding: Sharding
    parent_pid: int  # of the process that waits for the result
    parent_cost: Cost  # of that process, until the job was made
    created: float  # seconds since the epoch

    def cost_before(self) -> Cost:
        """Cost of the run until now, including the time that starting a process takes."""
        return replace(self.parent_cost, seconds=self.parent_cost.seconds + time.time() - self.created)

    @property
    def frame(self) -> Path:
        """The training rows, masked; deleted when the training ends."""
        return self.folder / "train.parquet"

    @property
    def progress(self) -> Path:
        """Steps of the first process, one line each."""
        return self.folder / "progress.jsonl"

    @property
    def result(self) -> Path:
        """Record of the challenger; written after weights and package are complete."""
        return self.folder / "challenger.json"

    @property
    def rendezvous(self) -> Path:
        """Rendezvous file of the processes: a file, so that no port is open."""
        return self.folder / "meeting"
