import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest


@pytest.fixture
def prefect():
    """A server with the interface of Prefect's events route, which records the events."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(server.delay)
            server.taken.append((self.path, body))
            server.shown.append(self.headers["Authorization"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.taken, server.shown, server.delay = [], [], 0
    server.url = f"http://127.0.0.1:{server.server_port}/api"
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def home(tmp_path, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    return tmp_path


def give(service, key=None, **said):
    headers = {"Idempotency-Key": key} if key else {}
    body = {"prediction": service.first("bad")["id"], **said}
    return service.http.post("/v1/feedback", json=body, headers=headers)


def test_a_prefect_that_asks_for_a_secret_is_shown_it(home, start, prefect, until):
    with start(home, PREFECT_API_URL=prefect.url, PREFECT_API_AUTH_STRING="needloop:sesame") as service:
        give(service, label="neutral")
        until(lambda: len(prefect.taken) == 1)
    assert prefect.shown == ["Basic bmVlZGxvb3A6c2VzYW1l"]


def test_each_lesson_is_one_event_that_prefect_understands(home, start, prefect, until):
    with start(home, PREFECT_API_URL=prefect.url) as service:
        give(service, rating=3)
        first = give(service, label="neutral", comment="xyzzy-42").json()
        give(service, correct=True)
        until(lambda: len(prefect.taken) == 2)
        time.sleep(0.2)
    (path, (event,)), _ = prefect.taken
    assert path == "/api/events"
    assert "xyzzy-42" not in json.dumps(prefect.taken)
    from prefect.events.schemas.events import Event

    read = Event.model_validate(event, extra="forbid")
    assert read.event == "needloop.feedback"
    assert read.resource.id == "needloop.model.sentiment"
    assert read.payload == {"model": "sentiment", "feedback": first["id"]}
    assert read.occurred.tzinfo


def test_a_replay_is_no_second_event(home, start, prefect, until):
    with start(home, PREFECT_API_URL=prefect.url) as service:
        body = {"prediction": service.first("bad")["id"], "correct": True}
        for _ in range(2):
            service.http.post("/v1/feedback", json=body, headers={"Idempotency-Key": "one"})
        give(service, correct=True)
        until(lambda: len(prefect.taken) == 2)
        time.sleep(0.2)
        assert len(prefect.taken) == 2


def test_a_prefect_that_is_slow_or_gone_delays_and_fails_nothing(home, start, prefect, until):
    prefect.delay = 5
    with start(home, PREFECT_API_URL=prefect.url) as service:
        begun = time.monotonic()
        assert give(service, correct=True).status_code == 201
        assert time.monotonic() - begun < 4
    with start(home, PREFECT_API_URL="http://127.0.0.1:1/api") as service:
        assert give(service, correct=True).status_code == 201
        until(lambda: 'needloop_events_total{outcome="failed"} 1.0' in service.http.get("/metrics").text)
        assert "refused an event" in service.log.read_text()
