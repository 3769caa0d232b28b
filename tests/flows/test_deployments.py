"""Deployments, schedules and automations as Prefect's pages name them."""

import os

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import deployments as module
from flows.deployments import deployments
from flows.jobs import JOBS
from pipelines.web.credentials import basic_auth_header
from tests.flows import counting


def test_deployments_say_what_they_are_and_can_be_filtered(topics):
    found = [*deployments(topics), *module.job_deployments()]
    assert [(one.flow_name, one.name, one.tags) for one in found] == [
        ("retrain", "topics", ["needloop", "retrain", "topics"]),
        ("train", "topics", ["needloop", "train", "topics"]),
        ("ingest", "topics", ["needloop", "ingest", "topics"]),
        ("audit", "ledger", ["needloop", "audit", "ledger"]),
    ]
    for one in found:
        assert one.description
        assert "\n" not in one.description
    assert "(0 3 * * *, UTC) and after 50 new labels" in found[0].description


def test_a_run_tells_by_its_name_whether_the_clock_or_the_labels_started_it(topics):
    again = deployments(topics)[0]
    (schedule,) = again.schedules
    assert (schedule.schedule.cron, schedule.parameters) == ("0 3 * * *", {"cause": "schedule"})
    assert schedule.slug, "a schedule that a person paused stays paused only if it has a name"
    (automation,) = again.triggers
    assert automation.name == "retrain topics after 50 labels"
    assert automation.parameters == {"model": "topics", "cause": "50 labels"}
    assert again.parameters == {"model": "topics"}, "whoever starts one by hand says nothing"


@pytest.mark.parametrize("what", ["schedule", "deployment"])
def test_what_a_person_paused_stays_paused_when_up_starts_again(topics, prefect_url, what):
    spec = topics.model_copy(update={"name": f"paused-{what}"})
    headers = basic_auth_header(os.environ["PREFECT_API_AUTH_STRING"])
    with (
        temporary_settings({PREFECT_API_URL: prefect_url}),
        httpx.Client(base_url=prefect_url, headers=headers, timeout=60) as client,
    ):
        offered = f"/deployments/{deployments(spec)[0].apply()}"
        (schedule,) = client.get(offered).json()["schedules"]
        assert schedule["active"]
        if what == "schedule":
            client.patch(f"{offered}/schedules/{schedule['id']}", json={"active": False}).raise_for_status()
        else:
            client.post(f"{offered}/pause_deployment").raise_for_status()
        deployments(spec)[0].apply()
        found = client.get(offered).json()
        client.delete(offered).raise_for_status()
    paused = found["paused"], [one["active"] for one in found["schedules"]]
    assert paused == ((False, [False]) if what == "schedule" else (True, [True]))
    assert found["schedules"][0]["id"] == schedule["id"]


def test_the_next_scheduled_job_is_a_module_and_a_line(monkeypatch, prefect_url):
    monkeypatch.setattr(module, "JOBS", (*JOBS, counting.JOB))
    (offered,) = (one for one in module.job_deployments() if one.flow_name == "count")
    headers = basic_auth_header(os.environ["PREFECT_API_AUTH_STRING"])
    with (
        temporary_settings({PREFECT_API_URL: prefect_url}),
        httpx.Client(base_url=prefect_url, headers=headers, timeout=60) as client,
    ):
        place = f"/deployments/{offered.apply()}"
        found = client.get(place).json()
        client.delete(place).raise_for_status()
    assert (found["entrypoint"], found["tags"]) == ("tests.flows.counting.count", ["needloop", "count", "messages"])
    (schedule,) = found["schedules"]
    assert (schedule["schedule"]["cron"], schedule["active"], schedule["slug"]) == ("0 * * * *", True, "declared")
    assert found["description"] == counting.JOB.description
