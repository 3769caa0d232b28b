import asyncio
import time

import pytest

from pipelines.serving.engine.inference_job import InferenceJob
from tests.pipelines.serving.working import calls_and_results, held_up, run, single, task


def test_the_oldest_goes_first_and_takes_along_who_is_nearly_as_long():
    lengths = [100, 10, 120, 12, 11, 500]
    calls, given = calls_and_results(*map(single, lengths))
    assert given == [[length] for length in lengths]
    assert calls == [[100, 120], [10, 11, 12], [500]]


def test_a_large_request_is_as_long_as_its_next_part():
    calls, given = calls_and_results(([[2], [900]], [2, 900]), *map(single, (3, 3, 3, 3, 3, 800)))
    assert given[0] == [2, 900]
    assert all(max(call) <= 1.25 * min(call) for call in calls)
    assert [900, 800] in calls or [800, 900] in calls


def test_those_of_many_texts_go_alone():
    calls, _ = calls_and_results(*(([[10] * texts], [10]) for texts in (4, 1, 1, 2, 2, 1, 4)))
    assert max(map(len, calls)) == 4
    assert calls[0] == calls[-1] == [10] * 4
    assert len(calls) < 7


def test_who_comes_last_does_not_overtake_many():
    calls, _ = calls_and_results(*map(single, [100, *[10] * 30, 100]))
    assert calls[0] == calls[-1] == [100]


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
        asked = [workers.run(InferenceJob(many[n % 2], [[n]], list)) for n in range(6)]
        return (await asyncio.gather(slow, *asked))[1:]

    assert run(work) == [[("ab"[n % 2], n)] for n in range(6)]


def test_an_answer_that_says_too_little_fails_its_request():
    async def work(workers):
        with pytest.raises(ValueError, match="zip"):
            await workers.run(InferenceJob(lambda _: [], [[1, 2]], lambda found: list(zip(found, [1, 2], strict=True))))
        return True

    assert run(work)
