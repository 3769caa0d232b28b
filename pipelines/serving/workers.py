"""Threads, one for each core: requests take turns part by part, and who would wait too long hears so at once."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

Found = TypeVar("Found")
Part = Callable[[], Found]

# Of one part, until the first ones were timed; and how much each part's time counts afterwards.
FIRST_SECONDS, WEIGHT = 0.003, 0.02
TOGETHER = 7


class Busy(RuntimeError):
    """More is waiting than can be answered before the deadline."""


class Task:
    """One request: its parts, and what became of those that are done."""

    def __init__(self, parts: Sequence[Part[Any]]) -> None:
        self.parts, self.begun = parts, 0
        self._found: dict[int, Any] = {}
        self._error: Exception | None = None
        self.future: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()

    def work(self, place: int) -> None:
        """Do one part; nothing is told before `settle`."""
        try:
            self._found[place] = self.parts[place]()
        except Exception as error:  # whatever it is, the request's route answers for it
            self._error = error

    def settle(self) -> None:
        """On the loop: give what was found, once it is all there, or the error."""
        if self.future.done():
            return
        if self._error:
            self.future.set_exception(self._error)
        elif len(self._found) == len(self.parts):
            self.future.set_result([self._found[place] for place in range(len(self.parts))])


class Workers:
    """`threads` of them; a request is admitted if its first part can begin within `deadline` seconds (0: always)."""

    def __init__(self, threads: int, deadline: float) -> None:
        self._queue: SimpleQueue[Task | None] = SimpleQueue()
        self._deadline, self._seconds, self._loop = deadline, FIRST_SECONDS, asyncio.get_running_loop()
        # Daemons: a computation that nobody waits for must not keep a stopped service alive.
        self._threads = [Thread(target=self._work, name=f"worker-{n}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def admit(self) -> None:
        """Raises Busy where a new request would wait too long; cheap, for before its body is read."""
        if self._deadline and self.wait > self._deadline:
            raise Busy(f"too much is waiting ({self.wait:.2f} s): ask again after the seconds in `Retry-After`")

    @property
    def wait(self) -> float:
        """Seconds until a new request's first part would begin: each request that waits has one part before it."""
        return self._queue.qsize() * self._seconds / len(self._threads)

    async def run(self, parts: Sequence[Part[Found]]) -> list[Found]:
        """What the parts give, in their order, as soon as there are free threads."""
        task = Task(parts)
        self._queue.put(task)
        return await task.future

    def close(self) -> None:
        """Take no more; what was begun is left to end."""
        for _ in self._threads:
            self._queue.put(None)

    def _work(self) -> None:
        while task := self._queue.get():
            begun, group = time.perf_counter(), [task, *self._others()]
            for one in group:
                self._turn(one)
            # Once for all of them: to wake the loop costs as much as to answer.
            self._loop.call_soon_threadsafe(_settle, group)
            self._seconds += WEIGHT * len(group) * ((time.perf_counter() - begun) / len(group) - self._seconds)

    def _others(self) -> Iterator[Task]:
        """This thread's share of what waits, where much waits."""
        for _ in range(min(TOGETHER, self._queue.qsize() // len(self._threads))):
            with suppress(Empty):
                if task := self._queue.get_nowait():
                    yield task
                else:
                    self._queue.put(None)

    def _turn(self, task: Task) -> None:
        place, task.begun = task.begun, task.begun + 1
        # Behind the others, so that a large request keeps no small one waiting; idle threads take it up at once.
        if task.begun < len(task.parts):
            self._queue.put(task)
        task.work(place)


def _settle(tasks: Sequence[Task]) -> None:
    for task in tasks:
        task.settle()
