"""Slow clients, against a real process whose timeouts are shortened to a second."""

import http.client
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import httpx
import pytest

from tests.pipelines.serving.conftest import promote, running, write_package

HEAD = b"POST /v1/models/sentiment/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
BODY = b'{"texts": ["so so"]}'


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    home = tmp_path_factory.mktemp("hasty")
    promote(home, 1, write_package(home / "package"))
    with running(home, call="tests.pipelines.serving.starting:hasty") as service:
        yield service.http.base_url.port


@contextmanager
def connected(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        yield connection


def status(connection):
    """The status of the next answer, which is read to its end."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


def predict(connection):
    connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY)
    return status(connection)


def dribbled(port, said, every=0.2, seconds=30.0):
    """The service's answer to a client that sends one byte at a time, until the service hangs up."""
    begun, heard = time.monotonic(), b""
    with connected(port) as connection:
        connection.settimeout(every)
        for byte in said:
            try:
                connection.sendall(bytes([byte]))
                while part := connection.recv(4096):
                    heard += part
                break
            except TimeoutError:
                assert time.monotonic() - begun < seconds, "it is still patient"
            except (ConnectionResetError, BrokenPipeError):
                break
    return heard


def test_a_client_that_dribbles_the_head_is_cut_off_with_408(port):
    heard = dribbled(port, HEAD)
    assert heard.startswith(b"HTTP/1.1 408 ")


def test_a_client_that_dribbles_the_body_is_cut_off_with_408(port):
    with connected(port) as connection:
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
        connection.settimeout(0.2)
        begun, heard = time.monotonic(), b""
        while time.monotonic() - begun < 30 and not heard:
            connection.sendall(b" ")
            try:
                heard = connection.recv(4096)
            except TimeoutError:
                continue
        assert heard.startswith(b"HTTP/1.1 408 ")
        assert b'{"detail": "' in heard
        assert connection.recv(10) == b""


def test_a_client_that_says_nothing_is_hung_up_on(port):
    with connected(port) as connection:
        assert status(connection) == 408
        assert connection.recv(100) == b""


def test_a_client_that_was_refused_cannot_go_on_sending_for_ever(port):
    with connected(port) as connection:
        connection.sendall(HEAD.replace(b"application/json", b"text/plain") + b"Content-Length: 1000\r\n\r\n")
        assert status(connection) == 415
        begun = time.monotonic()
        with suppress(ConnectionResetError, BrokenPipeError):
            while time.monotonic() - begun < 30:
                connection.sendall(b" ")
                time.sleep(0.2)
        assert time.monotonic() - begun < 25


def test_a_client_that_stops_between_two_requests_is_kept_for_a_while(port):
    with connected(port) as connection:
        for _ in range(3):
            assert predict(connection) == 200
            time.sleep(0.5)
        connection.settimeout(5)
        assert connection.recv(100) == b""


def test_a_second_head_on_one_connection_must_come_in_time_too(port):
    with connected(port) as connection:
        assert predict(connection) == 200
        connection.sendall(HEAD[:30])
        assert status(connection) == 408


def test_empty_lines_between_two_requests_keep_no_connection(port):
    with connected(port) as connection:
        assert predict(connection) == 200
        connection.sendall(b"\r\n")
        assert status(connection) == 408


def test_a_client_that_does_not_read_is_hung_up_on(port):
    many = BODY.replace(b'["so so"]', b"[" + b",".join([b'"so so"'] * 256) + b"]")
    said = HEAD + b"Content-Length: %d\r\n\r\n" % len(many) + many
    with connected(port) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        begun = time.monotonic()
        with suppress(ConnectionResetError, BrokenPipeError, TimeoutError):
            while time.monotonic() - begun < 60:
                connection.sendall(said)
        assert time.monotonic() - begun < 50


def test_many_slow_clients_keep_nobody_else_waiting(port):
    with (
        ThreadPoolExecutor(60) as pool,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5, verify=False) as client,
    ):
        slow = [pool.submit(dribbled, port, HEAD) for _ in range(60)]
        time.sleep(0.5)
        for _ in range(5):
            assert client.post("/v1/models/sentiment/predict", json={"texts": ["so"]}).status_code == 200
        assert all(one.result().startswith(b"HTTP/1.1 408 ") for one in slow)


@pytest.mark.parametrize("wish", [b"h2c", b"websocket"])
def test_a_wish_for_another_protocol_is_not_granted_and_the_request_answered(port, wish):
    wishing = HEAD + b"Connection: Upgrade, HTTP2-Settings\r\nUPGRADE: %b\r\nHTTP2-Settings: AAMAAABk\r\n" % wish
    with connected(port) as connection:
        for _ in range(2):
            connection.sendall(wishing + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY)
            assert status(connection) == 200
        connection.sendall(wishing + b"Content-Length: %d\r\n\r\n" % len(BODY))
        time.sleep(0.1)
        connection.sendall(BODY)
        assert status(connection) == 200
        assert predict(connection) == 200
