import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.pipelines.serving.console.test_next_retraining import BASIC, deployment, planned, prefect


def circuit(found, model="sentiment"):
    return next(one for one in found["models"] if one["model"] == model)


def test_the_loop_tells_what_waits_what_was_decided_and_how_content_people_are(console):
    found = circuit(console.get("/v1/loop"))
    assert (found["champion"], found["waiting"], found["threshold"]) == (3, 0, 50)
    assert found["last"]["event"] == "promote"
    assert found["ratings"] == {"count": 2, "mean": 4.5}
    assert (found["drift"], found["needs"]) == (None, None)


def test_feedback_that_no_version_has_seen_waits(tmp_path, start, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    with start(tmp_path) as service:
        for text in ("so", "so so", "so"):
            said = {"prediction": service.first(text)["id"], "label": "neutral"}
            service.http.post("/v1/feedback", json=said)
        assert circuit(service.http.get("/v1/loop").json())["waiting"] == 2


def test_without_prefect_no_retraining_is_promised(tmp_path, start):
    with start(tmp_path) as service:
        found = service.http.get("/v1/loop").json()
        assert (circuit(found)["next"], circuit(found)["schedule"]["state"]) == (None, "unwatched")
        assert found["links"] == {"prefect": None, "mlflow": None}
        assert found["alerts"] == []


def test_the_next_retraining_is_told_as_prefect_says_it(tmp_path, start):
    past = datetime.now(UTC) - timedelta(minutes=5)
    offered = [deployment("sentiment", paused=True), deployment("intent")]
    late = planned("Late", due=past, name="intent")
    pages = {"NEEDLOOP_PREFECT_PAGE": "http://127.0.0.1:4200", "NEEDLOOP_MLFLOW_PAGE": "http://127.0.0.1:5000"}
    with (
        prefect(offered, [late]) as (api, asked),
        start(tmp_path, PREFECT_API_URL=api, PREFECT_API_AUTH_STRING="needloop:secret", **pages) as service,
    ):
        found = service.http.get("/v1/loop").json()
    assert asked[0][1] == BASIC
    assert list(found["links"].values()) == list(pages.values())
    assert (circuit(found)["next"], circuit(found)["schedule"]["state"]) == (None, "paused")
    assert datetime.fromisoformat(circuit(found, "intent")["next"]) == past
    assert circuit(found, "intent")["schedule"]["state"] == "late"
    (alert,) = found["alerts"]
    assert (alert["kind"], alert["about"]) == ("schedule", "intent")
    assert "was due at" in alert["said"]


def test_a_prefect_that_does_not_answer_is_an_alert(tmp_path, start):
    with prefect() as (gone, _):
        pass
    with start(tmp_path, PREFECT_API_URL=gone) as service:
        found = service.http.get("/v1/loop").json()
    assert {one["schedule"]["state"] for one in found["models"]} == {"unanswered"}
    assert [(one["kind"], one["about"]) for one in found["alerts"]] == [("schedule", "")]


def test_alerts_are_what_cannot_be_loaded_what_is_paused_and_what_an_audit_found(
    tmp_path, start, promote, write_package
):
    promote(tmp_path, 1, write_package(tmp_path / "package"), digest="0" * 64)
    said = {"time": "2026-01-01T00:00:00+00:00", "differences": ["sentiment: MLflow's champion is missing"]}
    (tmp_path / "audit.json").write_text(json.dumps(said))
    with start(tmp_path) as service:
        found = service.http.get("/v1/loop").json()
    assert [(one["kind"], one["about"]) for one in found["alerts"]] == [("problem", "sentiment"), ("audit", "")]
    assert found["audit"]["differences"] == said["differences"]


@pytest.mark.parametrize("text", [None, "", "{}", "[1]"], ids=["none", "empty", "another", "a list"])
def test_an_audit_that_cannot_be_read_was_none(tmp_path, start, text):
    if text is not None:
        (tmp_path / "audit.json").write_text(text)
    with start(tmp_path) as service:
        assert service.http.get("/v1/loop").json()["audit"] is None
