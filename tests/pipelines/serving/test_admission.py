"""A request that would wait too long is rejected at once, in every protocol; all others are answered."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

TEXTS = [f"bad {number}" for number in range(60)]
WAYS = {
    "ours": ("/v1/models/sentiment/predict", lambda text: {"texts": [text]}, "detail"),
    "Open Inference Protocol": (
        "/v2/models/sentiment/infer",
        lambda text: {"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": [text]}]},
        "error",
    ),
    "MLflow": ("/invocations", lambda text: {"instances": [text]}, "message"),
}


@pytest.fixture(scope="module")
def slow(tmp_path_factory, start, promote, write_package):
    """A service that takes about 0.1 s for a text, with a deadline of 0.2 s."""
    home = tmp_path_factory.mktemp("slow")
    promote(home, 1, write_package(home / "package", work=1200))
    with start(home, NEEDLOOP_DEADLINE="0.2", NEEDLOOP_CACHE="0") as service:
        for number in range(20):
            service.predict(f"so {number}")
        yield service


@pytest.mark.parametrize("way", WAYS)
def test_a_crowd_is_answered_or_refused_with_when_to_come_again(slow, way):
    path, body, said = WAYS[way]
    with ThreadPoolExecutor(len(TEXTS)) as pool:
        answers = list(pool.map(lambda text: slow.http.post(path, json=body(text)), TEXTS))
    refused = [one for one in answers if one.status_code == 429]
    assert {one.status_code for one in answers} == {200, 429}
    assert all(one.headers["retry-after"] == "1" and "Retry-After" in one.json()[said] for one in refused)
    assert slow.http.post(path, json=body("so")).status_code == 200


def test_who_was_let_in_before_the_others_came_is_refused_before_anything_is_done(slow):
    address = ("127.0.0.1", slow.http.base_url.port)
    connections = [socket.create_connection(address, timeout=60) for _ in TEXTS]
    head = "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
    bodies = [json.dumps({"texts": [text]}) for text in TEXTS]
    for connection, body in zip(connections, bodies, strict=True):
        connection.sendall(head.format(WAYS["ours"][0], len(body)).encode())
    time.sleep(0.3)
    for connection, body in zip(connections, bodies, strict=True):
        connection.sendall(body.encode())
    answers = [connection.recv(4096) for connection in connections]
    for connection in connections:
        connection.close()
    refused = [one for one in answers if one.startswith(b"HTTP/1.1 429 ")]
    assert 0 < len(refused) < len(answers)
    assert all(b"retry-after: 1\r\n" in one for one in refused)
    assert all(one.startswith(b"HTTP/1.1 200 ") for one in answers if one not in refused)


def test_a_crowd_keeps_nobody_from_what_costs_nothing(slow):
    with ThreadPoolExecutor(len(TEXTS)) as pool:
        asked = [pool.submit(slow.predict, text) for text in TEXTS]
        statuses = [slow.http.get(path).status_code for path in ("/readyz", "/v1/models", "/metrics")]
        kept = {one.result().status_code for one in asked}
    assert statuses == [200, 200, 200]
    assert kept == {200, 429}


def test_where_there_is_no_deadline_everybody_waits(tmp_path, start, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "package", work=400))
    with start(tmp_path, NEEDLOOP_DEADLINE="0") as service, ThreadPoolExecutor(40) as pool:
        assert {one.status_code for one in pool.map(service.predict, TEXTS)} == {200}
