import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import NullPool, create_engine, delete, insert, select, update

from pipelines.store.database import open_database
from pipelines.store.lease import LeaseHeld, LeaseLost, lease
from pipelines.store.lease_holder import host_identity
from pipelines.store.tables import LEASES, METADATA

POSTGRES = os.environ.get("NEEDLOOP_TEST_POSTGRES")

HOLDER = """
import sys, time
from pipelines.store.lease import lease
with lease(sys.argv[1], "training", ttl=float(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(params=["sqlite", "postgres"] if POSTGRES else ["sqlite"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'needloop.db'}"
    METADATA.drop_all(create_engine(POSTGRES, poolclass=NullPool))
    return POSTGRES


@pytest.fixture
def holder(url):
    """Start a process that holds the lease until a line is written to it."""
    started = []

    def holder(ttl=60):
        command = [sys.executable, "-c", HOLDER, url, str(ttl)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(command, text=True, **pipes)
        started.append(process)
        assert process.stdout.readline() == "held\n", process.stderr.read()
        return process

    yield holder
    for process in started:
        process.kill()
        process.communicate()


def rows(url):
    with open_database(url).connect() as connection:
        return connection.execute(select(LEASES)).all()


def change(url, statement):
    with open_database(url).begin() as connection:
        connection.execute(statement)


def foreign_row(url, expires):
    """A lease held on a host that cannot be reached."""
    values = {"name": "training", "token": "t", "host": "far-away", "pid": 1, "started": 0.0, "expires": expires}
    change(url, insert(LEASES).values(**values, since=datetime.now(UTC)))


def test_a_second_holder_is_told_who_holds_it(url):
    told = rf"'training' is held by process {os.getpid()} on .* since \d{{4}}"
    with lease(url, "training"), pytest.raises(LeaseHeld, match=told), lease(url, "training"):
        pytest.fail("two held it")


def test_a_lease_is_free_again_after_the_block_and_after_an_error(url):
    with pytest.raises(ZeroDivisionError), lease(url, "training"):
        _ = 1 / 0
    with lease(url, "training"):
        pass
    assert rows(url) == []


def test_two_names_do_not_meet(url):
    with lease(url, "training"), lease(url, "replay"):
        assert len(rows(url)) == 2


def test_a_living_process_is_not_robbed(url, holder):
    process = holder()
    with pytest.raises(LeaseHeld, match=f"process {process.pid} "), lease(url, "training"):
        pytest.fail("robbed")


def test_the_lease_of_a_killed_process_is_free_at_once(url, holder):
    process = holder(ttl=3600)
    process.send_signal(signal.SIGKILL)
    # It stays a zombie until its exit code is read.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    with lease(url, "training"):
        pass
    process.wait()


def test_a_process_number_that_came_round_again_does_not_keep_the_lease(url):
    older = update(LEASES).values(started=LEASES.c.started - 100)
    with pytest.raises(LeaseLost):
        _hold(url, 3600, lambda: change(url, older) or _enter(url))


def test_only_a_heart_that_stopped_frees_the_lease_of_another_host(url):
    foreign_row(url, expires=time.time() + 100)
    with pytest.raises(LeaseHeld, match="far-away"), lease(url, "training"):
        pytest.fail("robbed")
    change(url, update(LEASES).values(expires=time.time() - 1))
    with lease(url, "training"):
        assert rows(url)[0].host == host_identity()


def test_the_heart_beats_on_for_longer_than_the_ttl(url):
    with lease(url, "training", ttl=0.8):
        time.sleep(1.6)
        with pytest.raises(LeaseHeld), lease(url, "training"):
            pytest.fail("robbed")


def test_a_stopped_holder_loses_the_lease_and_is_told(url, holder):
    process = holder(ttl=1)
    process.send_signal(signal.SIGSTOP)
    with lease(url, "training", wait=10):
        process.send_signal(signal.SIGCONT)
        _, error = process.communicate("done\n", timeout=20)
    assert process.returncode == 1
    assert "Lost" in error


def test_waiting_ends_when_the_holder_is_done(url, holder):
    process = holder()
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(_enter, url, wait=20)
        time.sleep(0.3)
        assert not waiting.done()
        process.communicate("done\n", timeout=20)
        assert waiting.result(timeout=20)


def test_waiting_in_vain_ends_in_time(url):
    with lease(url, "training"):
        start = time.monotonic()
        assert not _enter(url, wait=0.5)
    assert 0.5 <= time.monotonic() - start < 5


def test_of_many_takers_of_a_dead_lease_one_wins(url):
    foreign_row(url, expires=0)
    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(lambda _: _enter(url, stay=2), range(8))) == 1


def test_losing_the_row_is_logged_while_the_block_still_runs(url, caplog):
    logged = []
    with pytest.raises(LeaseLost, match="training"):
        _hold(url, 0.2, lambda: change(url, delete(LEASES)) or time.sleep(0.5) or logged.append(caplog.text))
    assert "taken over" in logged[0]


def _hold(url, ttl, act):
    with lease(url, "training", ttl=ttl):
        act()


def _enter(url, wait=0.0, stay=0.0):
    try:
        with lease(url, "training", wait=wait):
            time.sleep(stay)
            return True
    except LeaseHeld:
        return False
