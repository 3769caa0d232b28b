"""Workers of a test: fresh ones for each, and answers that say what they were asked together."""

import asyncio
import time

from pipelines.serving.engine.inference_job import InferenceJob
from pipelines.serving.engine.worker_threads import WorkerThreads


class Keeper:
    """Counts what is kept, and how often; fails where it is told to."""

    def __init__(self, error=None):
        self.calls, self.error = [], error

    def __call__(self):
        return self.keep

    def keep(self, found):
        self.calls.append(list(found))
        if self.error:
            raise self.error


def called(functions):
    return [one() for one in functions]


def task(*functions, recorded=False, answer=called):
    return InferenceJob(answer, [[one] for one in functions], list, batch_size=4, recorded=recorded)


def run(work, threads=1, deadline=0.0, keeper=None, **more):
    """What an asynchronous function of fresh workers gives."""

    async def within():
        workers = WorkerThreads(threads, deadline, keeper or Keeper(), **more)
        try:
            return await work(workers)
        finally:
            workers.close()

    return asyncio.run(within())


def held_up(workers, answer, items):
    """Requests of one item each, all there before the only thread can begin."""
    slow = workers.run(task(lambda: time.sleep(0.1)))
    return asyncio.gather(
        slow,
        *(workers.run(InferenceJob(answer, [[item]], list, batch_size=4)) for item in items),
        return_exceptions=True,
    )


def told(*asked):
    """What a single thread was asked in each call, and what it gave to each of `asked`: parts and their lengths."""
    calls = []

    def tell(items):
        calls.append(list(items))
        return items

    async def work(workers):
        slow = workers.run(task(lambda: time.sleep(0.1)))
        tasks = [InferenceJob(tell, parts, list, lengths=lengths, batch_size=4) for parts, lengths in asked]
        return (await asyncio.gather(slow, *map(workers.run, tasks)))[1:]

    given = run(work)
    return calls, given


def single(length):
    """A request of one text, which is its own length."""
    return [[length]], [length]
