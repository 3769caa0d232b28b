import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from pipelines.ledger.ledger import Ledger
from pipelines.serving.models.champions import Champions, NotLoaded
from pipelines.serving.models.polling import Poller
from pipelines.serving.models.served import PromotedVersions
from pipelines.serving.telemetry.metrics import Metrics
from tests.pipelines.serving.conftest import ended

HEAVY = "torch transformers mlflow prefect great_expectations pandas sklearn datasets boto3 matplotlib"

IMPORTS = f"""
import asyncio, sys
from pipelines.serving import __main__
assert "fastapi" not in sys.modules, "those who only start others do not need it"
from pipelines.serving.application import app
from pipelines.workspace.settings import Settings
api = app(Settings().activate())
async def live():
    async with api.router.lifespan_context(api):
        assert list(api.state.service.champions.served.loaded) == ["sentiment"]
asyncio.run(live())
print([name for name in "{HEAVY}".split() if name in sys.modules])
"""

BEGINS = """
import asyncio, gc, socket, uvicorn
from pipelines.serving.__main__ import Server
async def api(scope, receive, send): ...
async def begin():
    server = Server(uvicorn.Config(api, lifespan="off", log_config=None), "here", "/, the console", None, None)
    served = asyncio.create_task(server.serve([socket.create_server(("127.0.0.1", 0))]))
    while not server.started:
        await asyncio.sleep(0.01)
    print(len(gc.get_objects()) < gc.get_freeze_count() / 10)
    server.should_exit = True
    await served
asyncio.run(begin())
"""


@pytest.fixture
def home(tmp_path, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    return tmp_path


def test_a_service_with_a_champion_has_imported_nothing_heavy(home, monkeypatch):
    monkeypatch.setenv("NEEDLOOP_HOME", str(home))
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\n", done.stderr


def test_what_is_there_when_a_service_begins_is_not_searched_for_garbage_while_it_answers():
    done = subprocess.run([sys.executable, "-c", BEGINS], capture_output=True, text=True, timeout=60)
    assert done.stdout == "Needloop answers at here/, the console; API at /openapi.json\nTrue\n", done.stderr


def test_a_slow_first_load_does_not_keep_the_service_from_answering(home, monkeypatch):
    monkeypatch.setattr("pipelines.serving.models.polling.FIRST_REFRESH_SECONDS", 0.1)
    go, source = Event(), PromotedVersions(Ledger(home / "ledger.jsonl"), {})
    champions = Champions(source, home, Metrics(), load_package=lambda *_: go.wait(10))
    watch, begun = Poller(champions), time.monotonic()
    watch.start()
    assert time.monotonic() - begun < 3
    assert champions.served.errors == {"sentiment": "version 1: it is being loaded"}
    assert not champions.served.ready
    with pytest.raises(NotLoaded):
        champions.find("sentiment")
    go.set()
    watch.stop()


def test_an_answer_does_not_wait_for_the_client_to_acknowledge_its_head(home, start):
    with start(home) as service:
        took = sorted(service.http.get("/healthz").elapsed.total_seconds() for _ in range(40))
        assert took[4] < 0.03


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_service_at_once_and_well(home, start, number):
    with start(home) as service:
        assert service.predict("bad").status_code == 200
        begun = time.monotonic()
        service.process.send_signal(number)
        assert service.process.wait(timeout=10) == 0
        assert time.monotonic() - begun < 5


def test_a_signal_lets_a_short_request_end(tmp_path, start, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "package", work=700))
    with start(tmp_path) as service, ThreadPoolExecutor(1) as thread:
        asked = thread.submit(service.predict, *["bad"] * 30)
        time.sleep(0.1)
        service.process.send_signal(signal.SIGTERM)
        assert asked.result(timeout=10).status_code == 200
        assert service.process.wait(timeout=10) == 0


def test_a_signal_does_not_wait_for_a_long_request(tmp_path, start, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "package", work=1500))
    with start(tmp_path) as service, ThreadPoolExecutor(1) as thread:
        asked = thread.submit(service.predict, *(f"bad {n}" for n in range(256)))
        time.sleep(0.5)
        begun = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(timeout=10) == 0
        assert time.monotonic() - begun < 6
        assert asked.exception(timeout=10) or asked.result().status_code == 500


def test_an_address_that_is_taken_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = ended(tmp_path, "--port", port)
    assert done.returncode == 1
    assert f"cannot listen at 127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr


def test_two_services_share_one_home(home, start):
    with start(home) as one, start(home) as other:
        said = {"prediction": one.first("bad")["id"], "correct": True}
        assert other.http.post("/v1/feedback", json=said).status_code == 201


def test_an_address_of_the_service_before_is_not_left_behind(home, start):
    (home / "stale").write_text("http://127.0.0.1:1")
    assert ended(home, "--port", "99999", "--address-file", str(home / "stale")).returncode == 1
    assert not (home / "stale").exists()
