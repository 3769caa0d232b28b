import json
from datetime import UTC, datetime

import pytest

from pipelines.serving.console.loop import following

NOW = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)


def circuit(found, model="sentiment"):
    return next(one for one in found["models"] if one["model"] == model)


def test_the_loop_tells_what_waits_what_was_decided_and_how_content_people_are(shown):
    found = circuit(shown.get("/v1/loop"))
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


def test_the_next_retraining_is_told_only_where_schedules_run(tmp_path, start):
    with start(tmp_path) as service:
        found = service.http.get("/v1/loop").json()
        assert circuit(found)["next"] is None
        assert found["links"] == {"prefect": None, "mlflow": None}
    pages = {"NEEDLOOP_PREFECT_PAGE": "http://127.0.0.1:4200", "NEEDLOOP_MLFLOW_PAGE": "http://127.0.0.1:5000"}
    with start(tmp_path, **pages) as service:
        found = service.http.get("/v1/loop").json()
        assert circuit(found)["next"].endswith("T03:00:00Z")
        assert list(found["links"].values()) == list(pages.values())


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 3 * * *", datetime(2026, 1, 2, 3, tzinfo=UTC)),
        ("*/5 * * * *", datetime(2026, 1, 1, 12, 35, tzinfo=UTC)),
        ("0 0 30 2 *", None),
        ("at noon", None),
    ],
    ids=["daily", "every few minutes", "never", "no schedule"],
)
def test_a_schedule_says_when_it_fires_next(cron, expected):
    assert following(cron, NOW) == expected


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
