"""Several processes of one service behind one port."""

import signal
import time
from contextlib import contextmanager

import psutil

from pipelines.serving.process.process_pool import STEADY_SECONDS
from tests.pipelines.serving.conftest import ended, promote, running, until, write_package

TWO = {"NEEDLOOP_WORKERS": "2"}
# A fresh connection for each request, so that the system chooses a process each time.
ALONE = {"Connection": "close"}


@contextmanager
def together(home, **more):
    """A service of two processes with a champion."""
    promote(home, 1, write_package(home / "packages" / "1"))
    with running(home, **TWO, **more) as service:
        assert len(members(service)) == 2
        yield service


def members(service):
    return psutil.Process(service.process.pid).children()


def served_versions(service, times):
    """The versions of so many answers, each over a fresh connection."""
    url, asked = "/v1/models/sentiment/predict", {"texts": ["bad"]}
    answers = [service.http.post(url, json=asked, headers=ALONE) for _ in range(times)]
    return {answer.raise_for_status().json()["version"] for answer in answers}


def worked(service):
    """Processor seconds of each process."""
    return [sum(one.cpu_times()[:2]) for one in members(service)]


def test_two_answer_tell_the_sums_of_both_hold_the_port_and_are_replaced_when_they_die(tmp_path):
    with together(tmp_path) as service:
        before = worked(service)
        assert served_versions(service, 100) == {1}
        assert all(now > then for now, then in zip(worked(service), before, strict=True))
        for _ in range(10):
            told = service.http.get("/metrics", headers=ALONE).text
            assert 'needloop_predictions_total{label="negative",model="sentiment",version="1"} 100.0' in told
        assert len(service.store.messages("sentiment", 200, None, [])) == 100

        port = str(service.http.base_url.port)
        other = ended(tmp_path, "--port", port, **TWO)
        assert other.returncode == 1
        assert f"cannot listen at 127.0.0.1:{port}" in other.stderr

        promote(tmp_path, 2, write_package(tmp_path / "packages" / "2"))
        until(lambda: served_versions(service, 20) == {2})

        first, second = members(service)
        until(lambda: time.time() - second.create_time() > STEADY_SECONDS + 1)
        first.kill()
        until(lambda: second in members(service) and first not in members(service) and len(members(service)) == 2)
        until(lambda: "ended with exit code -9" in service.log.read_text())
        assert served_versions(service, 40) == {2}

        these = members(service)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(timeout=30) == 0
        assert not any(one.is_running() for one in these)


def test_none_outlives_a_service_that_is_killed(tmp_path):
    with together(tmp_path) as service:
        these = members(service)
        service.process.send_signal(signal.SIGKILL)
        assert service.process.wait(timeout=30) == -9
        until(lambda: not any(one.is_running() for one in these))


def test_one_that_cannot_live_ends_the_service(tmp_path):
    with together(tmp_path, call="tests.pipelines.serving.starting:doubtful") as service:
        members(service)[0].kill()
        assert service.process.wait(timeout=30) == 1
