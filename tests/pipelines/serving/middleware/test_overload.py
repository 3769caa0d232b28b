import asyncio
from types import SimpleNamespace

import pytest

from pipelines.serving.middleware.request_limits import MAX_REFUSED, MIN_RETRY_SECONDS, PAUSE_SECONDS, OverloadCheck


class Clock:
    """A clock that advances only in pauses, which it records; `meanwhile` runs in each."""

    def __init__(self):
        self.now, self.pauses, self.meanwhile = 100.0, [], lambda: None

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds
        self.meanwhile()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def workers():
    return SimpleNamespace(busy=True)


@pytest.fixture
def ask(clock, workers):
    """Check a connection for overload; True if the request is refused."""
    check = OverloadCheck(clock, clock.sleep)
    return lambda connection: asyncio.run(check.refuses(workers, connection))


def test_who_asks_again_at_once_is_refused_more_slowly(ask, clock):
    assert ask("a")
    assert ask("b")
    assert clock.pauses == []
    assert all(ask("a") for _ in range(10))
    assert clock.pauses == [PAUSE_SECONDS] * 10


def test_who_asks_again_after_a_while_is_refused_at_once(ask, clock):
    assert ask("a")
    clock.now += MIN_RETRY_SECONDS + 1e-9
    assert ask("a")
    assert clock.pauses == []


def test_who_insists_is_let_in_where_there_is_room_by_then(ask, clock, workers):
    assert ask("a")
    clock.meanwhile = lambda: vars(workers).update(busy=False)
    assert not ask("a")
    assert clock.pauses == [PAUSE_SECONDS]


def test_where_nobody_waits_nobody_is_delayed(ask, clock, workers):
    assert ask("a")
    workers.busy = False
    assert not ask("a")
    assert clock.pauses == []


def test_of_many_who_are_refused_not_all_are_remembered(ask, clock):
    for number in range(MAX_REFUSED + 1):
        ask(number)
    ask(0)
    assert clock.pauses == []
    ask(MAX_REFUSED)
    assert clock.pauses == [PAUSE_SECONDS]
