"""Several processes of one service behind one port."""

import signal
import subprocess
import sys
import time

import httpx
import psutil
import pytest

from pipelines.serving.members import STEADY_SECONDS
from tests.pipelines.serving.conftest import ROOT, environment

TWO = {"NEEDLOOP_WORKERS": "2"}


@pytest.fixture
def home(tmp_path, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "packages" / "1"))
    return tmp_path


def members(service):
    return psutil.Process(service.process.pid).children()


def said(service, times=40):
    """Versions, each on a connection of its own, so that the system chooses a process each time."""
    url = f"{service.http.base_url}/v1/models/sentiment/predict"
    answers = [httpx.post(url, json={"texts": ["bad"]}) for _ in range(times)]
    return {answer.raise_for_status().json()["version"] for answer in answers}


def worked(service):
    """Seconds of each."""
    return [sum(one.cpu_times()[:2]) for one in members(service)]


def together(service):
    assert len(members(service)) == 2
    return service


def test_all_of_them_answer_and_each_tells_the_sums_of_all(home, start):
    with start(home, **TWO) as service:
        before = worked(together(service))
        assert said(service, times=100) == {1}
        assert all(now > then for now, then in zip(worked(service), before, strict=True))
        for _ in range(10):
            told = httpx.get(f"{service.http.base_url}/metrics").text
            assert 'needloop_predictions_total{label="negative",model="sentiment",version="1"} 100.0' in told
        assert len(service.store.messages("sentiment", 200, None, [])) == 100


def test_all_of_them_take_up_a_promotion(home, start, promote, write_package, until):
    with start(home, **TWO) as service:
        promote(home, 2, write_package(home / "packages" / "2"))
        until(lambda: said(service, times=20) == {2})


def test_one_that_is_killed_is_started_again(home, start, until):
    with start(home, **TWO) as service:
        first, second = members(together(service))
        until(lambda: time.time() - second.create_time() > STEADY_SECONDS + 1)
        first.kill()
        until(lambda: second in members(service) and first not in members(service) and len(members(service)) == 2)
        until(lambda: "ended with code -9" in service.log.read_text())
        assert said(service) == {1}


def test_one_that_cannot_live_ends_the_service(home, start):
    with start(home, **TWO) as service:
        members(service)[0].kill()
        assert service.process.wait(timeout=30) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_none_outlives_the_service(home, start, until, number):
    with start(home, **TWO) as service:
        these = members(together(service))
        service.process.send_signal(number)
        assert service.process.wait(timeout=30) == (0 if number == signal.SIGTERM else -9)
        until(lambda: not any(one.is_running() for one in these))


def test_nobody_else_may_share_the_port(home, start):
    with start(home, **TWO) as service:
        port = str(service.http.base_url.port)
        command = [sys.executable, "-m", "pipelines.serving", "--port", port]
        other = subprocess.run(
            command, env=environment(home, **TWO), cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert other.returncode == 1
        assert f"cannot listen at 127.0.0.1:{port}" in other.stderr
