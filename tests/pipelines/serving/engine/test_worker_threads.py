import asyncio
import threading
import time
from contextlib import ExitStack
from queue import SimpleQueue

import pytest

from pipelines.serving.engine.inference_job import InferenceJob
from pipelines.serving.engine.worker_threads import INITIAL_SECONDS
from tests.pipelines.serving.working import Keeper, called, held_up, run, task


def test_parts_come_back_in_their_order_whoever_ends_first():
    def part(number):
        time.sleep(0.02 * (5 - number))
        return number

    async def work(workers):
        return await workers.run(task(*(lambda number=number: part(number) for number in range(5))))

    assert run(work, threads=3) == [0, 1, 2, 3, 4]


def test_a_small_request_waits_for_one_part_of_a_large_one_and_no_more():
    ended = []

    async def run_job(workers, name, parts):
        await workers.run(task(*[lambda: time.sleep(0.02)] * parts))
        ended.append(name)

    async def work(workers):
        await asyncio.gather(run_job(workers, "large", 20), run_job(workers, "small", 1))

    run(work)
    assert ended == ["small", "large"]


def test_one_request_is_worked_on_by_all_threads():
    seen = set()

    def part():
        seen.add(threading.current_thread().name)
        time.sleep(0.05)

    async def work(workers):
        await workers.run(task(*[part] * 6))

    run(work, threads=3)
    assert len(seen) == 3


def test_an_error_is_the_request_s_own():
    async def work(workers):
        failed, fine = await asyncio.gather(
            workers.run(task(lambda: 1, lambda: 1 / 0)), workers.run(task(lambda: 2)), return_exceptions=True
        )
        assert isinstance(failed, ZeroDivisionError)
        return fine

    assert run(work) == [2]


def test_what_is_found_together_is_kept_at_once_and_before_it_is_told():
    keeper = Keeper()

    async def work(workers):
        slow = workers.run(task(lambda: time.sleep(0.1)))
        quick = [workers.run(task(lambda number=number: number, recorded=True)) for number in range(4)]
        await asyncio.gather(slow, *quick)
        return [one for call in keeper.calls for one in call]

    assert run(work, keeper=keeper) == [0, 1, 2, 3]
    assert len(keeper.calls) < 4


def test_each_request_is_kept_once_whatever_threads_end_it():
    keeper = Keeper()

    async def work(workers):
        await asyncio.gather(*(workers.run(task(*[lambda: 1] * 7, recorded=True)) for _ in range(50)))

    run(work, threads=4, keeper=keeper)
    assert sum(map(len, keeper.calls)) == 50 * 7


def test_what_could_not_be_kept_is_not_told():
    async def work(workers):
        return await asyncio.gather(
            workers.run(task(lambda: 1, recorded=True)), workers.run(task(lambda: 2)), return_exceptions=True
        )

    error, other = run(work, keeper=Keeper(OSError("the disk is full")))
    assert isinstance(error, OSError)
    assert other == [2]


def test_they_are_busy_where_one_more_would_wait_beyond_the_deadline():
    async def work(workers):
        assert not workers.busy
        with ExitStack() as stack:
            for _ in range(60):
                stack.enter_context(workers.admitted(1))
            assert workers.busy
        assert not workers.busy

    run(work, deadline=0.1)


def test_the_estimate_stays_between_the_times_it_has_seen_whatever_comes_together():
    async def work(workers):
        for _ in range(30):
            heavy = [InferenceJob(called, [[lambda: time.sleep(0.001)]], list, texts=100) for _ in range(4)]
            await asyncio.gather(*map(workers.run, heavy))
            assert 0 < workers.seconds_per_text < 0.1

    run(work, threads=2, deadline=1.0)


def test_a_panic_of_a_library_is_an_error_of_its_request_and_ends_no_thread():
    class Panic(BaseException):
        """An exception in the form of pyo3's."""

    def panic():
        raise Panic("xyzzy-42")

    async def work(workers):
        with pytest.raises(RuntimeError, match="Panic of a library"):
            await workers.run(task(panic))
        return await workers.run(task(lambda: 1))

    assert run(work) == [1]


def test_who_has_waited_before_comes_first():
    async def work(workers):
        order = []
        slow = workers.run(task(lambda: time.sleep(0.1)))
        others = [workers.run(task(lambda number=number: order.append(number))) for number in range(3)]
        waited = workers.run(
            task(lambda: order.append("waited"), lambda: order.append("its second part")), priority=True
        )
        await asyncio.gather(slow, *others, waited)
        return order

    assert run(work)[::4] == ["waited", "its second part"]


def test_of_those_who_have_waited_before_who_came_earlier_comes_first():
    async def work(workers):
        order = []
        slow = workers.run(task(lambda: time.sleep(0.1)))
        early = [workers.run(task(lambda number=number: order.append(number)), priority=True) for number in range(4)]
        await asyncio.gather(slow, *early)
        return order

    assert run(work) == [0, 1, 2, 3]


def test_what_is_only_read_says_nothing_about_how_long_an_answer_takes():
    async def work(workers):
        before = workers.seconds_per_text
        await workers.run(InferenceJob(list, [["so"]] * 200, list, timed=False))
        assert workers.seconds_per_text == before
        await workers.run(InferenceJob(list, [["so"]] * 200, list))
        assert workers.seconds_per_text < before

    run(work)


def test_without_a_deadline_everybody_may_wait():
    async def work(workers):
        with workers.admitted(100_000):
            assert workers.wait > 60
            assert not workers.busy

    run(work, deadline=0)


def test_the_bell_has_rung_once_for_each_that_waits_whoever_was_taken_along(monkeypatch):
    bell, taken, seen = SimpleQueue(), [], []
    monkeypatch.setattr("pipelines.serving.engine.job_queue.SimpleQueue", lambda: bell)

    async def work(workers):
        def looked(items):
            taken.extend(items)
            seen.append((bell.qsize(), 100 - len(taken)))
            return items

        await held_up(workers, looked, range(100))

    run(work)
    assert len(seen) < 50
    assert all(rings == waiting for rings, waiting in seen)


def test_a_halt_amid_an_answer_does_not_make_texts_seem_to_take_minutes():
    now = [0.0]

    def halted():
        now[0] += 600.0

    async def work(workers):
        await workers.run(task(halted))
        return workers.seconds_per_text

    assert INITIAL_SECONDS < run(work, deadline=0.1, clock=lambda: now[0]) < 0.03
