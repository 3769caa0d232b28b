"""`needloop up`: schedules and feedback start runs, through Prefect's own API."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from flows.processes.process_records import identity
from flows.processes.up import PARTS, PartEnded, watch
from pipelines.ingestion.splits import TEST
from pipelines.ingestion.text import bucket, digest
from pipelines.web.credentials import basic_auth_header
from tests.flows.conftest import NEEDLOOP
from tests.flows.declarations import write_catalog
from tests.flows.environments import environment

FREE_PORTS = ("--port", "0", "--prefect-port", "0", "--mlflow-port", "0")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(480)]
VERDICTS = {"Promoted", "Refused", "Skipped"}


@pytest.fixture
def addresses(trained, migrated, declared, settings):
    retraining = declared.retraining.model_copy(update={"cron": "* * * * *", "feedback": 3})
    write_catalog(declared.model_copy(update={"retraining": retraining}), settings)
    command = [*NEEDLOOP, "up", "--json", *FREE_PORTS]
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


@pytest.fixture
def prefect(addresses):
    """A client of Prefect's API with the secret."""
    headers = basic_auth_header(Path(addresses["prefect_auth"]).read_text().strip())
    with httpx.Client(base_url=f"{addresses['prefect']}/api/", headers=headers, timeout=30) as client:
        yield client


def runs(prefect, kind):
    """Runs of the retraining deployment, by their creator: SCHEDULE or AUTOMATION."""
    found = prefect.post("flow_runs/filter", json={"flows": {"name": {"any_": ["retrain"]}}})
    return [run for run in found.json() if (run["created_by"] or {}).get("type") == kind]


def offered(prefect):
    return {one["name"] for one in prefect.post("deployments/filter", json={}).json()}


def ended(found):
    return [run for run in found if run["state_type"] == "COMPLETED"]


def until(found, patience):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(1)
    raise AssertionError(f"nothing of the kind within {patience} seconds")


HELD_OUT = [text for text in (f"my bag is lost {number}" for number in range(100)) if bucket(digest(text)) < TEST]


def give(client, texts):
    """Send feedback on held-out texts: the run that it starts has no new rows and ends soon."""
    asked = client.post("/v1/models/topics/predict", json={"texts": texts})
    for answer in asked.raise_for_status().json()["predictions"]:
        said = {"prediction": answer["id"], "label": "baggage"}
        client.post("/v1/feedback", json=said).raise_for_status()


def test_the_clock_and_the_feedback_each_start_a_run(addresses, prefect, declared, settings):
    assert httpx.get(f"{addresses['mlflow']}/health").status_code == 200
    assert {"ledger", "topics"} <= offered(prefect)
    link, _, secret = addresses["sign_in"].partition("#token=")
    assert link == f"{addresses['service']}/"
    loop = f"{addresses['service']}/v1/loop"
    assert httpx.get(loop, timeout=30).status_code == 401

    def loop_state():
        return httpx.get(loop, headers={"Authorization": f"Bearer {secret}"}, timeout=30).json()

    def planned():
        return next((one for one in loop_state()["models"] if one["model"] == "topics" and one["next"]), None)

    assert loop_state()["links"] == {"prefect": addresses["prefect"], "mlflow": addresses["mlflow"]}
    # Prefect plans the runs of a new schedule some seconds after its registration.
    topics = until(
        lambda: next((one for one in loop_state()["models"] if one["model"] == "topics" and one["next"]), None), 60
    )
    assert secret not in (settings.home / "logs" / "api.log").read_text()
    assert topics["schedule"]["state"] in {"scheduled", "queued", "late"}, "as Prefect itself says"
    with httpx.Client(base_url=addresses["service"], timeout=30) as client:
        give(client, HELD_OUT[:2])
        scheduled = until(lambda: ended(runs(prefect, "SCHEDULE")), 150)
        assert scheduled[0]["name"] == "retrain topics: schedule"
        assert scheduled[0]["state_name"] in VERDICTS
        assert scheduled[0]["state"]["message"]
        assert runs(prefect, "AUTOMATION") == [], "two are not three"
        give(client, HELD_OUT[2:3])
        triggered = until(lambda: ended(runs(prefect, "AUTOMATION")), 120)
    assert len(triggered) == 1
    assert triggered[0]["name"] == "retrain topics: 3 labels"
    assert triggered[0]["state_name"] == "Skipped"
    assert "none of 3 feedback texts can be learnt" in triggered[0]["state"]["message"]
    write_catalog(declared.model_copy(update={"name": "latecomer"}), settings)
    until(lambda: "latecomer" in offered(prefect) and "topics" not in offered(prefect), 150)
    assert_secrets_are_nowhere(settings, addresses)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("part", PARTS)
def test_the_part_that_ended_is_named(part, tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        parts = {name: identity(os.getpid()) for name in PARTS} | {part: identity(child.pid)}
        child.kill()
    with pytest.raises(PartEnded, match=f"^{PARTS[part]} ended; see .*{part}.log"):
        watch(parts, tmp_path)


def test_a_part_that_dies_is_named_and_ends_all_others(migrated, settings):
    part = "prefect"  # all others need it
    command, logs = [*NEEDLOOP, "up", "--json", *FREE_PORTS], settings.home / "logs"
    around = environment(settings)
    with subprocess.Popen(command, env=around, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as up:
        assert up.stdout.readline(), "needloop up ended before it was up"
        children = psutil.Process(up.pid).children(recursive=True)
        assert {record.name.split(".")[0] for record in logs.glob("*.process.json")} == set(PARTS)
        (record,) = logs.glob(f"{part}.*.process.json")
        psutil.Process(json.loads(record.read_text())["child"][0]).kill()
        _, told = up.communicate(timeout=120)
        _, alive = psutil.wait_procs(children, timeout=5)
    assert up.returncode == 1
    assert not alive
    assert f"{PARTS[part]} ended; see {logs / f'{part}.log'}" in told
    stops = [line for line in told.splitlines() if line.startswith("stopping") and line.endswith(" ...")]
    assert stops == [f"stopping {name} ..." for name in ("the schedules", "the service", "MLflow", "Prefect")]


def assert_secrets_are_nowhere(settings, addresses):
    """Assert that no command line and no log holds the secret of a server."""
    passwords = [
        Path(addresses[name]).read_text().strip().partition(":")[2] for name in ("prefect_auth", "mlflow_auth")
    ]
    lines = list(command_lines(psutil.Process().children(recursive=True)))
    assert any("flows.processes.prefect_server" in line for line in lines)
    lines.extend(log.read_text(errors="replace") for log in (settings.home / "logs").iterdir())
    assert not [line for line in lines if any(password in line for password in passwords)]


def command_lines(processes):
    """The command lines of the processes that still run."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            yield " ".join(process.cmdline())
