"""Threads, one for each core: requests take turns part by part, and who would wait too long hears so at once."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from heapq import nsmallest
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from pipelines.serving.engine.client_connection import ASKER
from pipelines.serving.engine.cpu_affinity import CpuPinning
from pipelines.serving.engine.inference_job import Found, InferenceJob, Turn, run_batch

# Of one text, until the first ones were timed; and how much each one's time counts afterwards. Beyond the last the
# process was halted meanwhile, and that says nothing about texts.
FIRST_SECONDS, WEIGHT, MOST_SECONDS = 0.003, 0.02, 1.0
# So many times as many as are answered together, of those next in turn, are looked through for the nearest in length:
# else who came last overtakes all others.
NEXT = 3
BUSY = "too much is waiting: ask again after the seconds in `Retry-After`"


class Overloaded(RuntimeError):
    """A request whose turn would come too late."""


class WorkerThreads:
    """`threads` of them; `busy` where a new request's turn would not come within `deadline` seconds (0: never).

    Before answers are given they go to `keep`, those of several requests at once; it makes one keeper for each thread.
    """

    def __init__(self, threads: int, deadline: float, keeper: Callable[[], Callable[[Sequence[Any]], None]]) -> None:
        self._waiting = list[InferenceJob[Any]]()
        self._bell: SimpleQueue[bool] = SimpleQueue()  # once for each that waits; False: go
        self._deadline, self._seconds, self._texts = deadline, FIRST_SECONDS, 0
        self._keeper, self._counting, self._keeping = keeper, Lock(), Lock()
        self._loop = asyncio.get_running_loop()
        # Daemons: a computation that nobody waits for must not keep a stopped service alive.
        self._threads = [
            Thread(target=self._work, args=(n, threads), name=f"worker-{n}", daemon=True) for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def wait(self) -> float:
        """Seconds until a new request's first part would end: each request before it has one part that comes first."""
        return self._texts * self._seconds / len(self._threads)

    @property
    def busy(self) -> bool:
        """Whether a new request would wait beyond the deadline."""
        return 0 < self._deadline < self.wait

    @contextmanager
    def counted(self, texts: int) -> Iterator[None]:
        """Within, a request is under way that costs so many texts before the first part of the next one ends."""
        self._texts += texts
        try:
            yield
        finally:
            self._texts -= texts

    async def run(self, task: InferenceJob[Found], first: bool = False) -> list[Found]:
        """What the task finds, as soon as threads are free. Raises what its parts and the keeper raise.

        Its first part comes before all that wait for the first time, where that is asked for. Raises HungUp where the
        client of the request leaves meanwhile.
        """
        asker = ASKER.get()
        if asker:
            asker.begin(task)
        try:
            self._put(task, first)
            return await task.future
        finally:
            if asker:
                asker.end(task)

    def close(self) -> None:
        """Take no more; what was begun is left to end."""
        for _ in self._threads:
            self._bell.put(False)

    def _put(self, task: InferenceJob[Any], first: bool = False) -> None:
        with self._counting:
            # Behind those that were as early.
            place = sum(one.first for one in self._waiting) if first else len(self._waiting)
            task.first = first
            self._waiting.insert(place, task)
            self._bell.put(True)

    def _work(self, number: int, threads: int) -> None:
        keep, place = self._keeper(), CpuPinning(number, threads)
        while self._bell.get():
            if not (group := self._group()):
                continue
            begun = time.perf_counter()
            ended = run_batch([self._turn(one) for one in group])
            self._keep(keep, ended)
            if group[0].timed:
                self._timed(sum(one.texts for one in group), time.perf_counter() - begun)
            place.judge()
            if ended:
                # Once for all of them: to wake the loop costs as much as to answer.
                with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                    self._loop.call_soon_threadsafe(_settle, ended)

    def _timed(self, texts: int, seconds: float) -> None:
        """An exponential mean over texts, whatever came together."""
        with self._counting:
            took = min(seconds / texts, MOST_SECONDS)
            self._seconds += (1 - (1 - WEIGHT) ** texts) * (took - self._seconds)

    def _group(self) -> list[InferenceJob[Any]]:
        """Who waits longest, and where much waits those most alike; nobody where others took them along."""
        with self._counting:
            if not self._waiting:
                return []
            if not self._waiting[0].wanted:
                self._waiting.pop(0)  # the bell has rung for it
                return []
            first, *others = self._waiting
            share = min(first.together // first.texts - 1, len(others) // len(self._threads))
            alike = [one for one in others[: NEXT * first.together] if one.wanted and first.like(one)]
            group = [first, *nsmallest(share, alike, key=lambda one: abs(one.length - first.length))]
            for one in group:
                self._waiting.remove(one)
            self._hush(len(group) - 1)
        return group

    def _hush(self, rings: int) -> None:
        """Take back the rings for those taken along: they would add up for as long as much waits."""
        for _ in range(rings):
            with suppress(Empty):
                if not self._bell.get_nowait():
                    self._bell.put(False)

    def _turn(self, task: InferenceJob[Any]) -> Turn:
        place, task.begun = task.begun, task.begun + 1
        # Behind the others, so that a large request keeps no small one waiting; idle threads take it up at once.
        if task.begun < len(task.parts) and task.wanted:
            self._put(task)
        return task, place

    def _keep(self, keep: Callable[[Sequence[Any]], None], ended: Sequence[InferenceJob[Any]]) -> None:
        found = [one for task in ended if task.kept and task.wanted and not task.error for one in task.found]
        if not found:
            return
        try:
            # One at a time: two writers make SQLite sleep.
            with self._keeping:
                keep(found)
        except Exception as error:  # whatever the database says, each of the requests answers for it
            for task in ended:
                task.error = task.error or (error if task.kept else None)


def _settle(tasks: Sequence[InferenceJob[Any]]) -> None:
    for task in tasks:
        task.settle()
