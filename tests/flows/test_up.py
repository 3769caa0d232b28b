"""`needloop up`: schedules and feedback start runs, through Prefect's own API."""

import json
import signal
import subprocess
import time

import httpx
import psutil
import pytest

from tests.flows.conftest import NEEDLOOP, environment, write_catalog

pytestmark = [pytest.mark.slow, pytest.mark.timeout(480)]


@pytest.fixture
def addresses(declared, settings, needloop):
    retraining = declared.retraining.model_copy(update={"cron": "* * * * *", "feedback": 3})
    write_catalog(declared.model_copy(update={"retraining": retraining}), settings)
    needloop("train", "topics")
    command = [*NEEDLOOP, "up", "--json"]
    with subprocess.Popen(command, env=environment(settings), stdout=subprocess.PIPE, text=True) as up:
        line = up.stdout.readline()
        assert line, "needloop up ended before it was up"
        yield json.loads(line)
        children = psutil.Process(up.pid).children(recursive=True)
        up.send_signal(signal.SIGINT)
        assert up.wait(timeout=60) == 0
        gone, alive = psutil.wait_procs(children, timeout=5)
        assert gone
        assert not alive, "ctrl-c stops everything it started"


def runs(prefect, kind):
    """Runs of the retraining deployment, by what created them: SCHEDULE or AUTOMATION."""
    found = httpx.post(f"{prefect}/api/flow_runs/filter", json={"flows": {"name": {"any_": ["retrain"]}}}, timeout=30)
    return [run for run in found.json() if (run["created_by"] or {}).get("type") == kind]


def ended(found):
    return [run for run in found if run["state_type"] == "COMPLETED"]


def until(found, patience):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(1)
    raise AssertionError(f"nothing of the kind within {patience} seconds")


def give(client, count):
    asked = client.post("/v1/models/topics/predict", json={"texts": [f"my bag is lost {time.time_ns()}"] * count})
    for answer in asked.raise_for_status().json()["predictions"]:
        said = {"prediction": answer["id"], "label": "baggage"}
        client.post("/v1/feedback", json=said).raise_for_status()


def test_the_clock_and_the_feedback_each_start_a_run(addresses):
    assert httpx.get(f"{addresses['mlflow']}/health").status_code == 200
    offered = httpx.post(f"{addresses['prefect']}/api/deployments/filter", json={}, timeout=30).json()
    assert {"ledger", "topics"} <= {one["name"] for one in offered}
    found = httpx.get(f"{addresses['service']}/v1/loop", timeout=30).json()
    assert found["links"] == {"prefect": addresses["prefect"], "mlflow": addresses["mlflow"]}
    assert next(one for one in found["models"] if one["model"] == "topics")["next"]
    with httpx.Client(base_url=addresses["service"], timeout=30) as client:
        give(client, 2)
        scheduled = until(lambda: ended(runs(addresses["prefect"], "SCHEDULE")), 150)
        assert scheduled[0]["state_name"] in {"Completed", "Skipped"}
        assert scheduled[0]["state"]["message"]
        assert runs(addresses["prefect"], "AUTOMATION") == [], "two are not three"
        give(client, 1)
        triggered = until(lambda: ended(runs(addresses["prefect"], "AUTOMATION")), 120)
    assert len(triggered) == 1
    assert triggered[0]["state_name"] in {"Completed", "Skipped"}
    assert triggered[0]["state"]["message"]
