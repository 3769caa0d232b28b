"""Texts in Prefect and MLflow about a training, a retraining and a refusal."""

import os
import time

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.retraining import run_retraining
from flows.training import run_training
from pipelines.ledger.ledger import Ledger
from pipelines.web.credentials import basic_auth_header
from tests.flows.declarations import demanding, write_catalog

pytestmark = pytest.mark.timeout(300)

SUMMARY = {"accuracy", "macro_f1", "train_loss", "validation_macro_f1"}


@pytest.fixture
def prefect(prefect_url):
    """A function that calls Prefect's API."""
    headers = basic_auth_header(os.environ["PREFECT_API_AUTH_STRING"])
    with (
        temporary_settings({PREFECT_API_URL: prefect_url}),
        httpx.Client(base_url=prefect_url, headers=headers, timeout=60) as client,
    ):

        def ask(path, **body):
            return client.post(path, json=body).raise_for_status().json()

        yield ask


def run_of(prefect, tags, state):
    """The only run with these tags and this state; other tests of this server have runs, too."""
    wanted = {"tags": {"all_": ["needloop", *tags]}, "state": {"name": {"any_": [state]}}}
    (run,) = prefect("/flow_runs/filter", flow_runs=wanted)
    assert len(run["tags"]) == len(tags) + 1
    return run


@pytest.fixture
def spoken(declared, settings):
    """A model that no other test has."""
    spec = declared.model_copy(update={"name": "spoken"})
    write_catalog(spec, settings)
    return spec


def about(run):
    """A filter for the objects of one flow run."""
    return {"flow_runs": {"id": {"any_": [run["id"]]}}}


def test_a_training_is_told_in_prefect_and_in_mlflow(spoken, settings, prefect, needloop):
    needloop("train", spoken.name)
    run = run_of(prefect, ("train", "spoken"), "Promoted")
    assert (run["name"], run["state_type"], run["state_name"]) == ("train spoken: by hand", "COMPLETED", "Promoted")
    assert "reaches the floor" in run["state"]["message"]
    tasks = prefect("/task_runs/filter", **about(run))
    assert {task["name"] for task in tasks} == {
        "collect feedback", "ingest", "validate", "train", "evaluate", "decide", "write the model card"
    }  # fmt: skip
    _progress_is_shown(prefect, run)
    _artifacts_say_what_they_are(prefect, run)
    _mlflow_tells(settings.workspace.registry)
    assert not (settings.home / "prefect" / "storage").exists(), "Prefect keeps no results, so no pickle either"


def _progress_is_shown(prefect, run):
    (progress,) = (one for one in prefect("/artifacts/filter", **about(run)) if one["type"] == "progress")
    assert progress["data"] == 100
    assert "step 27 of 27, loss" in progress["description"]
    only = {"logs": {"flow_run_id": {"any_": [run["id"]]}}}
    steps = [line for line in _logged(prefect, only, "step 27 of 27") if line.startswith("spoken: step ")]
    assert 10 <= len(steps) <= 15
    assert sum("validation macro-F1" in line for line in steps) == 3, "one for each epoch"


def _logged(prefect, only, last):
    """The log lines of a run; they arrive some seconds later, from a thread."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        lines = [line["message"] for line in prefect("/logs/filter", **only, limit=200)]
        if any(last in line for line in lines):
            return lines
        time.sleep(0.5)
    raise AssertionError(f"nothing of {last!r} was logged: {lines}")


def _artifacts_say_what_they_are(prefect, run):
    found = {one["key"]: one["description"] for one in prefect("/artifacts/filter", **about(run))}
    assert found["corpus-spoken"] == "Corpus of spoken: 146 messages for training, 57 held out for the test"
    assert found["validation-spoken"] == "Validation of the data of spoken: 21 checks, none failed"
    assert found["scorecard-spoken"] == "Scorecard of spoken version 1 on 57 held-out messages, 95% intervals"
    assert found["decision-spoken"] == "Decision about spoken version 1, and its reasons"
    assert found["card-spoken"].startswith("Model card of spoken version 1")


def _mlflow_tells(registry):
    version = registry.client.get_model_version("spoken", "1")
    run = registry.client.get_run(version.run_id)
    assert run.info.run_name == "spoken 1 (train)"
    tags = run.data.tags
    assert (tags["model"], tags["version"], tags["cause"], tags["decision"]) == ("spoken", "1", "train", "promoted")
    for described in (tags["mlflow.note.content"], version.description):
        assert described.startswith("**spoken version 1** promoted: macro-F1 ")
        assert "# spoken version 1\n" in described
    assert len(version.description) <= 5000 < len(tags["mlflow.note.content"]) <= 8000
    assert version.description.endswith("The whole card is an artifact of the run: card/")
    assert "card" not in version.tags
    lasted = (run.info.end_time - run.info.start_time) / 1000
    assert run.data.metrics["cost.seconds"] <= lasted < run.data.metrics["cost.seconds"] + 60
    metrics = run.data.metrics
    assert {name for name in metrics if "/" in name} == {f"summary/{name}" for name in SUMMARY}
    assert metrics["summary/macro_f1"] == metrics["test.macro_f1"]
    steps = [one.step for one in registry.client.get_metric_history(version.run_id, "summary/train_loss")]
    assert steps == [one.step for one in registry.client.get_metric_history(version.run_id, "train.loss")]


def test_a_refusal_and_a_run_that_had_nothing_to_do_are_seen_in_the_list_of_runs(spoken, settings, prefect):
    run_retraining("spoken", cause="schedule")
    idle = run_of(prefect, ("retrain", "spoken"), "Skipped")
    assert idle["name"] == "retrain spoken: schedule"
    assert "no champion to learn from yet" in idle["state"]["message"]
    write_catalog(demanding(spoken), settings)
    assert run_training("spoken").verdict == "refused"
    refused = run_of(prefect, ("train", "spoken"), "Refused")
    assert refused["state_type"] == "COMPLETED"
    assert "is under the floor 0.999" in refused["state"]["message"]
    version = settings.workspace.registry.client.get_model_version("spoken", "1")
    assert version.description.startswith("**spoken version 1** refused: ")
    assert Ledger(settings.files.ledger).champion("spoken") is None


def test_runs_started_by_a_command_have_tags(spoken, prefect, needloop):
    needloop("promote", spoken.name, "--version", "7", status=1)  # there is none
    assert run_of(prefect, ("promote", "spoken"), "Failed")
    needloop("rollback", spoken.name, status=1)
    assert run_of(prefect, ("rollback", "spoken"), "Failed")
