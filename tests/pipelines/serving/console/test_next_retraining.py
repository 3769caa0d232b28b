"""The time of the next retraining, from a small server with the interface of Prefect's API."""

import json
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from pipelines.serving.console import next_retraining
from pipelines.serving.console.next_retraining import Deployment, ScheduledRun, Schedules, schedule

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
TOMORROW = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
BASIC = "Basic bmVlZGxvb3A6c2VjcmV0"  # needloop:secret
DAILY = {"active": True, "schedule": {"cron": "0 3 * * *", "timezone": "UTC", "day_or": True}}


def deployment(name="sentiment", **more):
    return {"id": f"id of {name}", "name": name, "paused": False, "schedules": [DAILY], "tags": []} | more


def planned(state="Scheduled", due=TOMORROW, name="sentiment"):
    return {"deployment_id": f"id of {name}", "state_name": state, "expected_start_time": due.isoformat(), "name": "x"}


@contextmanager
def prefect(deployments=(), runs=(), status=200, wait=0.0):
    """A server with these deployments and runs, that records its requests."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append((self.path, self.headers["Authorization"], body))
            time.sleep(wait)
            wanted = body["deployments"].get("id", {}).get("any_", [])
            found = [run for run in runs if run["deployment_id"] in wanted] if "flow_runs" in body else deployments
            content = json.dumps(list(found)).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api", asked
        server.shutdown()


@pytest.mark.parametrize(
    ("about", "run", "state"),
    [
        ({}, planned(), "scheduled"),
        ({}, planned(due=NOW - timedelta(seconds=30)), "scheduled"),
        ({}, planned("Late", due=NOW - timedelta(seconds=61)), "late"),
        ({}, planned("AwaitingConcurrencySlot", due=NOW - timedelta(hours=1)), "queued"),
        ({}, None, "unplanned"),
        ({"schedules": []}, None, "unplanned"),
        ({"schedules": []}, planned(), "scheduled"),
        ({"schedules": [DAILY | {"active": False}]}, None, "paused"),
        ({"paused": True}, None, "paused"),
    ],
    ids=[
        "planned",
        "just due",
        "late",
        "behind another",
        "never fires",
        "no schedule",
        "by hand",
        "schedule off",
        "off",
    ],
)
def test_a_state_follows_from_the_deployment_and_its_first_planned_run(about, run, state):
    found = schedule(Deployment(**deployment(**about)), ScheduledRun(**run) if run else None, NOW)
    assert found.state == state
    assert found.time == (ScheduledRun(**run).expected_start_time if run else None)


def test_prefect_is_asked_with_the_secret_and_names_what_it_lacks():
    with prefect([deployment()], [planned()]) as (api, asked):
        found = Schedules(api, "needloop:secret").of(["sentiment", "intent"])
    assert (found["sentiment"].state, found["sentiment"].time, found["sentiment"].cron) == (
        "scheduled", TOMORROW, "0 3 * * *"
    )  # fmt: skip
    assert found["intent"].state == "missing"
    assert [(path, secret) for path, secret, _ in asked] == [
        ("/api/deployments/filter", BASIC),
        ("/api/flow_runs/filter", BASIC),
    ]
    assert asked[0][2]["flows"] == {"name": {"any_": ["retrain"]}}


def test_no_secret_is_shown_where_there_is_none():
    with prefect() as (api, asked):
        Schedules(api).of(["sentiment"])
    assert asked[0][1] is None


def test_an_answer_is_remembered_for_some_seconds(monkeypatch):
    with prefect([deployment()], [planned()]) as (api, asked):
        found = Schedules(api)
        assert found.of(["sentiment"]) == found.of(["sentiment"])
        assert len(asked) == 2
        monkeypatch.setattr(next_retraining, "CACHE_SECONDS", 0.0)
        found.of(["sentiment"])
        assert len(asked) == 4


@pytest.mark.parametrize("trouble", [{"status": 401}, {"status": 500}, {"wait": 1.0}, {"deployments": [{}]}])
def test_whoever_does_not_answer_keeps_nobody_waiting(trouble, monkeypatch):
    monkeypatch.setattr(next_retraining, "TIMEOUT_SECONDS", 0.3)
    with prefect(**trouble) as (api, asked):
        found = Schedules(api)
        for _ in range(2):
            assert found.of(["sentiment"])["sentiment"].state == "unanswered"
    assert len(asked) == 1, "that it failed is remembered, too"


def test_the_last_answer_stands_for_a_minute_where_prefect_falls_silent(monkeypatch):
    monkeypatch.setattr(next_retraining, "CACHE_SECONDS", 0.0)
    with prefect([deployment()], [planned()]) as (api, _):
        found = Schedules(api)
        assert found.of(["sentiment"])["sentiment"].state == "scheduled"
    assert found.of(["sentiment"])["sentiment"].state == "scheduled"
    monkeypatch.setattr(next_retraining, "STALE_SECONDS", 0.0)
    assert found.of(["sentiment"])["sentiment"].state == "unanswered"


def test_without_prefect_nobody_is_asked():
    assert Schedules(None).of(["sentiment"])["sentiment"].state == "unwatched"
