"""Training, and all services at once, in a folder full of files named like modules: none of them is executed."""

import json
import signal
import subprocess

import httpx
import pytest

from tests.flows.conftest import NEEDLOOP
from tests.flows.declarations import write_catalog
from tests.flows.environments import environment
from tests.flows.hostile import executed, hostile

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1800)]


def test_training_and_everything_at_once_execute_no_file_of_the_current_folder(topics, settings, tmp_path):
    folder = hostile(tmp_path / "mine")
    write_catalog(topics, settings)
    inherited = environment(settings)
    wanted = {
        name: value
        for name, value in inherited.items()
        if name not in ("PYTHONPATH", "PYTHONSAFEPATH", "PREFECT_API_URL")
    }

    def needloop(*words, **more):
        done = subprocess.run(
            [*NEEDLOOP, *words], cwd=folder, env=wanted | more, capture_output=True, text=True, timeout=900
        )
        assert executed(folder) == [], f"{words}: {done.stderr}"
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"

    needloop("train", "topics")  # Prefect's server, the trial's service, a package in a fresh process
    needloop("train", "topics", NEEDLOOP_PROCESSES="2")
    needloop("explain", "topics")
    with subprocess.Popen([*NEEDLOOP, "up", "--json"], cwd=folder, env=wanted, stdout=subprocess.PIPE, text=True) as up:
        try:
            addresses = json.loads(up.stdout.readline())
            for name, path in (("service", "/readyz"), ("mlflow", "/health"), ("prefect", "/api/health")):
                assert httpx.get(addresses[name].rstrip("/") + path, timeout=60).status_code in (200, 401), name
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(120)
    assert executed(folder) == []
