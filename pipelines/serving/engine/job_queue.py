"""The queue of inference jobs: which of them a worker thread takes next, alone or in a batch."""

from collections.abc import Iterator
from contextlib import suppress
from heapq import nsmallest
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

from pipelines.serving.engine.inference_job import InferenceJob, JobPart

# Batch partners are sought among the next jobs, up to this many times the batch size: with no limit the latest job
# could overtake all others.
LOOKAHEAD = 3


class JobQueue:
    """The waiting jobs of a pool of `threads` worker threads, the one that waits longest first."""

    def __init__(self, threads: int) -> None:
        self._threads, self._lock, self._jobs = threads, Lock(), list[InferenceJob[Any]]()
        self._ready: SimpleQueue[bool] = SimpleQueue()  # one True per waiting job; False ends a thread

    def batches(self) -> Iterator[list[InferenceJob[Any]]]:
        """Batches for one worker thread, until the queue is closed; it waits while there are no jobs."""
        while self._ready.get():
            if batch := self._next_batch():
                yield batch

    def close(self) -> None:
        """End each thread after its current batch."""
        for _ in range(self._threads):
            self._ready.put(False)

    def add(self, job: InferenceJob[Any], priority: bool = False) -> None:
        """Add a job; with `priority` before all jobs without it."""
        with self._lock:
            # Behind earlier jobs of the same priority.
            position = sum(other.priority for other in self._jobs) if priority else len(self._jobs)
            job.priority = priority
            self._jobs.insert(position, job)
            self._ready.put(True)

    def take_part(self, job: InferenceJob[Any]) -> JobPart:
        """The next part of a job; a job with more parts is queued again."""
        part, job.next_part = job.next_part, job.next_part + 1
        # Behind the others, so that a large request blocks no small one; idle threads continue it at once.
        if job.next_part < len(job.parts) and job.pending:
            self.add(job)
        return job, part

    def _next_batch(self) -> list[InferenceJob[Any]]:
        """The job that waits longest and, under load, the jobs most similar to it; empty if other batches took them."""
        with self._lock:
            if not self._jobs:
                return []
            if not self._jobs[0].pending:
                self._jobs.pop(0)  # its signal is consumed already
                return []
            first, *others = self._jobs
            share = min(first.batch_size // first.texts - 1, len(others) // self._threads)
            nearby = others[: LOOKAHEAD * first.batch_size]
            similar = [job for job in nearby if job.pending and first.can_batch_with(job)]
            batch = [first, *nsmallest(share, similar, key=lambda job: abs(job.length - first.length))]
            for job in batch:
                self._jobs.remove(job)
            self._discard_signals(len(batch) - 1)
        return batch

    def _discard_signals(self, count: int) -> None:
        """Remove the signals of jobs that joined another's batch: under lasting load they would accumulate."""
        for _ in range(count):
            with suppress(Empty):
                if not self._ready.get_nowait():
                    self._ready.put(False)
