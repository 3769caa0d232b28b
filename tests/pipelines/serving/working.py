"""Fresh worker threads for each test, and jobs that record which items were computed together."""

import asyncio
import time

from pipelines.serving.engine.inference_job import InferenceJob
from pipelines.serving.engine.worker_threads import WorkerThreads


class Keeper:
    """Records the calls that store answers; raises an error if one is set."""

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
    """The result of an asynchronous function with fresh workers."""

    async def within():
        workers = WorkerThreads(threads, deadline, keeper or Keeper(), **more)
        try:
            return await work(workers)
        finally:
            workers.close()

    return asyncio.run(within())


def held_up(workers, answer, items):
    """Jobs of one item each, all queued before the only thread is free."""
    slow = workers.run(task(lambda: time.sleep(0.1)))
    return asyncio.gather(
        slow,
        *(workers.run(InferenceJob(answer, [[item]], list, batch_size=4)) for item in items),
        return_exceptions=True,
    )


def calls_and_results(*asked):
    """The items of each call of a single thread, and the results of each of `asked`: parts and their lengths."""
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
    """A job of one text, whose length is the text itself."""
    return [[length]], [length]
