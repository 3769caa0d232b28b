"""Worker threads, one per core. Large requests are split, so that small ones are not blocked."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from typing import Any

from pipelines.serving.engine.client_connection import CLIENT
from pipelines.serving.engine.inference_job import InferenceJob, Result, run_batch
from pipelines.serving.engine.job_queue import JobQueue
from pipelines.serving.shortcuts.cpu_affinity import CpuPinning

# Seconds per text before any is timed; the weight of each text in the mean afterwards; the longest time that counts:
# beyond it the process was halted.
INITIAL_SECONDS, WEIGHT, MAX_SECONDS = 0.003, 0.02, 1.0
BUSY = "the service is overloaded: retry after the number of seconds in `Retry-After`"
Writer = Callable[[Sequence[Any]], None]


class Overloaded(RuntimeError):
    """The request would miss its deadline."""


class WorkerThreads:
    """A pool of `threads` threads; `busy` if a new request would wait longer than `deadline` seconds (0: no limit).

    `new_writer` makes one writer per thread. It stores the results of several jobs at once, before they resolve.
    `pending_texts` are those of all admitted requests; `seconds_per_text` is an estimate.
    """

    def __init__(
        self,
        threads: int,
        deadline: float,
        new_writer: Callable[[], Writer],
        clock: Callable[[], float] = time.perf_counter,
        pinned: bool = True,
    ) -> None:
        self.pending_texts, self.seconds_per_text = 0, INITIAL_SECONDS
        self._queue = JobQueue(threads)
        self._deadline, self._clock, self._pinned = deadline, clock, pinned
        self._new_writer, self._lock, self._write_lock = new_writer, Lock(), Lock()
        self._loop = asyncio.get_running_loop()
        # Daemons: an unfinished computation must not keep a stopped service alive.
        self._threads = [
            Thread(target=self._work, args=(n, threads), name=f"worker-{n}", daemon=True) for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def wait(self) -> float:
        """Seconds until the first part of a new request would end, after one part of each request before it."""
        return self.pending_texts * self.seconds_per_text / len(self._threads)

    @property
    def busy(self) -> bool:
        """True if a new request would miss the deadline."""
        return 0 < self._deadline < self.wait

    @contextmanager
    def admitted(self, texts: int) -> Iterator[None]:
        """Context of an admitted request: the next one waits for `texts` more texts."""
        self.pending_texts += texts
        try:
            yield
        finally:
            self.pending_texts -= texts

    async def run(self, job: InferenceJob[Result], priority: bool = False) -> list[Result]:
        """The results of a job, as soon as threads are free; with `priority` its first part overtakes jobs without it.

        Raises what the parts and the writer raise, and ClientDisconnected.
        """
        client = CLIENT.get()
        if client:
            client.add_job(job)
        try:
            self._queue.add(job, priority)
            return await job.future
        finally:
            if client:
                client.remove_job(job)

    def close(self) -> None:
        """End each thread after its current batch."""
        self._queue.close()

    def _work(self, number: int, threads: int) -> None:
        write, pinning = self._new_writer(), CpuPinning(number, threads) if self._pinned else None
        for batch in self._queue.batches():
            started = self._clock()
            complete = run_batch([self._queue.take_part(job) for job in batch])
            self._record(write, complete)
            if batch[0].timed:
                self._update_estimate(sum(job.texts for job in batch), self._clock() - started)
            if pinning:
                pinning.rebalance()
            if complete:
                # One call for all of them: waking the event loop costs as much as an answer.
                with suppress(RuntimeError):  # the loop is closed: no request waits any more
                    self._loop.call_soon_threadsafe(_resolve, complete)

    def _update_estimate(self, texts: int, seconds: float) -> None:
        """Update the exponential mean of seconds per text."""
        with self._lock:
            per_text = min(seconds / texts, MAX_SECONDS)
            self.seconds_per_text += (1 - (1 - WEIGHT) ** texts) * (per_text - self.seconds_per_text)

    def _record(self, write: Writer, jobs: Sequence[InferenceJob[Any]]) -> None:
        results = [item for job in jobs if job.recorded and job.pending and not job.error for item in job.results]
        if not results:
            return
        try:
            # One writer at a time: two make SQLite sleep.
            with self._write_lock:
                write(results)
        except Exception as error:  # any error of the database: each of the requests reports it
            for job in jobs:
                job.error = job.error or (error if job.recorded else None)


def _resolve(jobs: Sequence[InferenceJob[Any]]) -> None:
    for job in jobs:
        job.resolve()
