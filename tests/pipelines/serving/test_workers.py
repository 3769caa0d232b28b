import asyncio
import threading
import time

import pytest

from pipelines.serving.asked import Task
from pipelines.serving.workers import Workers


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


def task(*functions, kept=False, answer=called):
    return Task(answer, [[one] for one in functions], list, kept=kept)


def run(work, threads=1, deadline=0.0, keeper=None):
    """What an asynchronous function of fresh workers gives."""

    async def within():
        workers = Workers(threads, deadline, keeper or Keeper())
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
        return await workers.run(task(*(lambda number=number: part(number) for number in range(5))))

    assert run(work, threads=3) == [0, 1, 2, 3, 4]


def test_a_small_request_waits_for_one_part_of_a_large_one_and_no_more():
    ended = []

    async def asked(workers, name, parts):
        await workers.run(task(*[lambda: time.sleep(0.02)] * parts))
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
        quick = [workers.run(task(lambda number=number: number, kept=True)) for number in range(4)]
        await asyncio.gather(slow, *quick)
        return [one for call in keeper.calls for one in call]

    assert run(work, keeper=keeper) == [0, 1, 2, 3]
    assert len(keeper.calls) < 4


def test_each_request_is_kept_once_whatever_threads_end_it():
    keeper = Keeper()

    async def work(workers):
        await asyncio.gather(*(workers.run(task(*[lambda: 1] * 7, kept=True)) for _ in range(50)))

    run(work, threads=4, keeper=keeper)
    assert sum(map(len, keeper.calls)) == 50 * 7


def test_what_could_not_be_kept_is_not_told():
    async def work(workers):
        return await asyncio.gather(
            workers.run(task(lambda: 1, kept=True)), workers.run(task(lambda: 2)), return_exceptions=True
        )

    error, other = run(work, keeper=Keeper(OSError("the disk is full")))
    assert isinstance(error, OSError)
    assert other == [2]


def test_they_are_busy_where_one_more_would_wait_beyond_the_deadline():
    async def work(workers):
        assert not workers.busy
        waiting = [asyncio.create_task(workers.run(task(lambda: time.sleep(0.02)))) for _ in range(60)]
        await asyncio.sleep(0)
        assert workers.busy
        await asyncio.gather(*waiting)
        assert not workers.busy

    run(work, deadline=0.1)


def test_the_estimate_stays_between_the_times_it_has_seen_whatever_comes_together():
    async def work(workers):
        for _ in range(30):
            heavy = [Task(called, [[lambda: time.sleep(0.001)]], list, texts=100) for _ in range(4)]
            await asyncio.gather(*map(workers.run, heavy))
            assert 0 < workers._seconds < 0.1
        return workers._texts

    assert run(work, threads=2, deadline=1.0) == 0


def test_a_panic_of_a_library_is_an_error_of_its_request_and_ends_no_thread():
    class Panic(BaseException):
        """As pyo3 raises it."""

    def panic():
        raise Panic("xyzzy-42")

    async def work(workers):
        with pytest.raises(RuntimeError, match="Panic in a worker"):
            await workers.run(task(panic))
        return await workers.run(task(lambda: 1)), workers._texts

    assert run(work) == ([1], 0)


def test_without_a_deadline_everybody_may_wait():
    async def work(workers):
        await asyncio.gather(*(workers.run(task(lambda: time.sleep(0.005))) for _ in range(100)))

    run(work)


def held_up(workers, answer, items):
    """Requests of one item each, all there before the only thread can begin."""
    slow = workers.run(task(lambda: time.sleep(0.1)))
    return asyncio.gather(slow, *(workers.run(Task(answer, [[item]], list)) for item in items), return_exceptions=True)


def test_requests_alike_are_answered_in_one_call_and_each_gets_its_own():
    calls = []

    def doubled(items):
        calls.append(list(items))
        return [2 * item for item in items]

    async def work(workers):
        return (await held_up(workers, doubled, range(6)))[1:]

    assert run(work) == [[0], [2], [4], [6], [8], [10]]
    assert max(map(len, calls)) > 1
    assert sorted(item for call in calls for item in call) == list(range(6))


def test_the_oldest_goes_first_and_takes_along_who_is_nearly_as_long():
    calls, lengths = [], [100, 10, 140, 12, 11, 500]

    def told(items):
        calls.append(list(items))
        return items

    async def work(workers):
        slow = workers.run(task(lambda: time.sleep(0.1)))
        asked = [workers.run(Task(told, [[length]], list, lengths=[length])) for length in lengths]
        return (await asyncio.gather(slow, *asked))[1:]

    assert run(work) == [[length] for length in lengths]
    assert calls == [[100, 140], [10, 11, 12], [500]]


def test_a_large_request_is_as_long_as_its_next_part():
    calls = []

    def told(items):
        calls.append(list(items))
        return items

    async def work(workers):
        slow = workers.run(task(lambda: time.sleep(0.1)))
        large = workers.run(Task(told, [[2], [900]], list, lengths=[2, 900]))
        small = [workers.run(Task(told, [[length]], list, lengths=[length])) for length in (3, 3, 3, 3, 3, 800)]
        return (await asyncio.gather(slow, large, *small))[1]

    assert run(work) == [2, 900]
    assert all(max(call) <= 1.5 * min(call) for call in calls)
    assert [900, 800] in calls or [800, 900] in calls


def test_no_ring_outlasts_those_who_wait():
    async def work(workers):
        await held_up(workers, list, range(100))
        return workers._bell.qsize()

    assert run(work) == 0


def test_those_of_many_texts_go_alone():
    calls = []

    def told(items):
        calls.append(list(items))
        return items

    async def work(workers):
        slow = workers.run(task(lambda: time.sleep(0.1)))
        asked = [workers.run(Task(told, [[10] * texts], list, lengths=[10])) for texts in (4, 1, 1, 2, 2, 1, 4)]
        return (await asyncio.gather(slow, *asked))[1:]

    run(work)
    assert max(map(len, calls)) == 4
    assert calls[0] == calls[-1] == [10] * 4
    assert len(calls) < 7


def test_who_comes_last_does_not_overtake_many():
    calls = []

    def told(items):
        calls.append(list(items))
        return items

    async def work(workers):
        slow = workers.run(task(lambda: time.sleep(0.1)))
        lengths = [100, *(10 for _ in range(30)), 100]
        asked = [workers.run(Task(told, [[length]], list, lengths=[length])) for length in lengths]
        return (await asyncio.gather(slow, *asked))[1:]

    run(work)
    assert calls[0] == [100]
    assert calls[-1] == [100]


def test_what_one_text_breaks_is_answered_to_the_others():
    def inverse(items):
        return [1 / item for item in items]

    async def work(workers):
        return (await held_up(workers, inverse, [1, 2, 0, 4]))[1:]

    one, two, broken, four = run(work)
    assert (one, two, four) == ([1.0], [0.5], [0.25])
    assert isinstance(broken, ZeroDivisionError)


def test_requests_of_other_models_are_not_mixed():
    async def work(workers):
        many = [(lambda items, model=model: [(model, item) for item in items]) for model in "ab"]
        slow = workers.run(task(lambda: time.sleep(0.1)))
        asked = [workers.run(Task(many[n % 2], [[n]], list)) for n in range(6)]
        return (await asyncio.gather(slow, *asked))[1:]

    assert run(work) == [[("ab"[n % 2], n)] for n in range(6)]


def test_an_answer_that_says_too_little_fails_its_request():
    async def work(workers):
        with pytest.raises(ValueError, match="zip"):
            await workers.run(Task(lambda _: [], [[1, 2]], lambda found: list(zip(found, [1, 2], strict=True))))
        return True

    assert run(work)
