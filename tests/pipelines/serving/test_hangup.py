"""A client that hangs up: its job ends, and nothing more is computed, stored or counted against a model."""

import asyncio
import gc
import json
import socket
import sqlite3
import time
import weakref
from contextlib import ExitStack, closing

import psutil
import pytest

from pipelines.serving.engine.client_connection import CLIENT, ClientConnection
from pipelines.serving.engine.unanswerable import ClientDisconnected
from tests.pipelines.serving.conftest import promote, running, until, write_package
from tests.pipelines.serving.working import Keeper, run, task

PREDICT = b"POST /v1/models/sentiment/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
SLOW = 1500  # side of the matrix in each call: about 0.1 s


async def left(workers, asked, after=0.05):
    """A job whose client hangs up after some seconds."""
    client = ClientConnection()
    CLIENT.set(client)
    asyncio.get_running_loop().call_later(after, client.disconnect)
    with pytest.raises(ClientDisconnected):
        await workers.run(asked)


def test_of_a_request_whose_client_left_no_further_part_is_begun():
    begun = []

    async def work(workers):
        await left(workers, task(*[lambda: begun.append(time.sleep(0.02))] * 50))
        parts = len(begun)
        await asyncio.sleep(0.2)
        assert len(begun) <= parts + 1
        return parts

    assert 1 <= run(work, threads=1) < 20


def test_what_was_found_for_a_client_that_left_is_not_kept():
    keeper = Keeper()

    async def work(workers):
        await left(workers, task(lambda: time.sleep(0.2), recorded=True))
        await asyncio.sleep(0.4)

    run(work, keeper=keeper)
    assert keeper.calls == []


def test_those_behind_a_client_that_left_are_answered_at_once():
    async def work(workers):
        kept = []

        async def large():
            asked = task(*[lambda: time.sleep(0.02)] * 200)
            kept.append(weakref.ref(asked))
            await left(workers, asked)

        those_who_leave = [asyncio.create_task(large()) for _ in range(3)]
        await asyncio.sleep(0.1)
        begun = time.perf_counter()
        assert await workers.run(task(lambda: 1)) == [1]
        await asyncio.gather(*those_who_leave)
        seconds = time.perf_counter() - begun
        assert await workers.run(task(lambda: 2)) == [2]
        gc.collect()
        return seconds, [one() for one in kept]

    seconds, kept = run(work, threads=1)
    assert seconds < 2
    assert kept == [None] * 3, "they are taken out when their turn comes"


def test_who_left_before_a_part_of_the_request_is_begun_gets_none():
    async def work(workers):
        client = ClientConnection()
        CLIENT.set(client)
        client.disconnect()
        with pytest.raises(ClientDisconnected):
            await workers.run(task(lambda: pytest.fail("nobody waits for it")))
        await asyncio.sleep(0.1)

    run(work)


def test_the_parts_of_a_request_of_which_one_failed_are_not_begun_either():
    begun = []

    async def work(workers):
        with pytest.raises(ZeroDivisionError):
            await workers.run(task(lambda: 1 / 0, *[lambda: begun.append(time.sleep(0.02))] * 50))
        await asyncio.sleep(0.2)

    run(work, threads=1)
    assert len(begun) < 5


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    home = tmp_path_factory.mktemp("slow")
    promote(home, 1, write_package(home / "package", work=SLOW))
    with running(home, NEEDLOOP_CACHE="0", NEEDLOOP_DEADLINE="0") as service:
        yield service


def recorded(service):
    with closing(sqlite3.connect(service.home / "needloop.db")) as database:
        return database.execute("SELECT count(*) FROM predictions").fetchone()[0]


def question(long):
    """A request of 256 different texts; long ones are 1 MiB together, so that the body arrives in many pieces."""
    texts = [f"{number} " + "so good " * (500 if long else 3) for number in range(256)]
    body = json.dumps({"texts": texts}).encode()
    return PREDICT + b"Content-Length: %d\r\n\r\n" % len(body) + body


def worked(service, seconds=1.0):
    """Processor seconds that the service uses in so many seconds."""
    process = psutil.Process(service.process.pid)
    before = sum(process.cpu_times()[:2])
    time.sleep(seconds)
    return sum(process.cpu_times()[:2]) - before


@pytest.mark.parametrize("long", [True, False], ids=["long texts", "short texts"])
@pytest.mark.parametrize("half", [False, True], ids=["closed", "half closed"])
def test_a_client_that_hangs_up_stops_what_is_computed_for_it(slow, long, half):
    before, log = recorded(slow), len(slow.log.read_text())
    base = slow.http.base_url
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection((base.host, base.port), timeout=20)) for _ in range(2)]
        for client in clients:
            client.sendall(question(long))
        time.sleep(1)
        for client in clients:
            client.shutdown(socket.SHUT_WR) if half else client.close()
        until(lambda: slow.log.read_text()[log:].count('"status": 499') == 2, seconds=20)
        until(lambda: worked(slow) < 0.05, seconds=30)
    assert recorded(slow) == before
    assert slow.predict("so").status_code == 200
    assert recorded(slow) == before + 1
