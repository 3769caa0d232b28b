import asyncio
import threading
import time

import pytest

from pipelines.serving.workers import Busy, Workers


def run(work, threads=1, deadline=0.0):
    """What an asynchronous function of fresh workers gives."""

    async def within():
        workers = Workers(threads, deadline)
        try:
            return await work(workers)
        finally:
            workers.close()

    return asyncio.run(within())


def test_parts_come_back_in_their_order_whoever_ends_first():
    def part(number):
        time.sleep(0.02 * (5 - number))
        return number

    async def work(workers):
        return await workers.run([lambda number=number: part(number) for number in range(5)])

    assert run(work, threads=3) == [0, 1, 2, 3, 4]


def test_a_small_request_waits_for_one_part_of_a_large_one_and_no_more():
    ended = []

    async def asked(workers, name, parts):
        await workers.run([lambda: time.sleep(0.02)] * parts)
        ended.append(name)

    async def work(workers):
        await asyncio.gather(asked(workers, "large", 20), asked(workers, "small", 1))

    run(work)
    assert ended == ["small", "large"]


def test_one_request_is_worked_on_by_all_threads():
    seen = set()

    def part():
        seen.add(threading.current_thread().name)
        time.sleep(0.05)

    async def work(workers):
        await workers.run([part] * 6)

    run(work, threads=3)
    assert len(seen) == 3


def test_an_error_is_the_request_s_own():
    async def work(workers):
        failed, fine = await asyncio.gather(
            workers.run([lambda: 1, lambda: 1 / 0]), workers.run([lambda: 2]), return_exceptions=True
        )
        assert isinstance(failed, ZeroDivisionError)
        return fine

    assert run(work) == [2]


def test_who_would_wait_beyond_the_deadline_is_refused_until_others_are_done():
    async def work(workers):
        workers.admit()
        waiting = [asyncio.create_task(workers.run([lambda: time.sleep(0.05)])) for _ in range(60)]
        await asyncio.sleep(0)
        with pytest.raises(Busy, match="Retry-After"):
            workers.admit()
        await asyncio.gather(*waiting)
        workers.admit()

    run(work, deadline=0.1)


def test_without_a_deadline_everybody_may_wait():
    async def work(workers):
        waiting = [asyncio.create_task(workers.run([lambda: time.sleep(0.005)])) for _ in range(100)]
        await asyncio.sleep(0)
        workers.admit()
        await asyncio.gather(*waiting)

    run(work)
