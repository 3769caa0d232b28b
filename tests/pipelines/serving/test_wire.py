"""Invalid or barely valid HTTP: no answer is a 5xx."""

import socket

from hypothesis import given, settings
from hypothesis import strategies as st

PREDICT = "/v1/models/sentiment/predict"
FEW = settings(max_examples=120, deadline=None)


def exchanged(service, said):
    """The status of the answer to these bytes, None without an answer."""
    address = service.http.base_url.host, service.http.base_url.port
    with socket.create_connection(address, timeout=15) as connection:
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(4096)
    return int(answer.split(b" ", 2)[1]) if answer else None


TOKENS = st.sampled_from([b"GET", b"POST", b"TRACE", b"CONNECT", b"PRI", b"get", b"\xff"])
PATHS = st.sampled_from(
    ["/healthz", "/v1/models", PREDICT, "//", "/%00", "/%ff%fe", "*", "http://evil.example/", "/?%zz"]
)
NAMES = st.sampled_from(
    ["Host", "Content-Length", "Transfer-Encoding", "Content-Type", "Expect", "Upgrade", "Connection", "Authorization"]
)
VALUES = st.sampled_from(
    [
        "localhost",
        "-1",
        "9" * 30,
        "chunked",
        "chunked, gzip",
        "100-continue",
        "websocket",
        "close",
        "application/json",
        "",
    ]
)


@FEW
@given(
    method=TOKENS,
    path=PATHS,
    headers=st.lists(st.tuples(NAMES, VALUES), max_size=6),
    body=st.binary(max_size=60) | st.just(b"5\r\n12345\r\n0\r\n\r\n"),
)
def test_any_head_is_no_failure(service, method, path, headers, body):
    lines = [method + b" " + path.encode() + b" HTTP/1.1", *(f"{name}: {value}".encode() for name, value in headers)]
    assert (exchanged(service, b"\r\n".join([*lines, b"", body])) or 0) < 500


@FEW
@given(said=st.binary(min_size=1, max_size=400))
def test_any_bytes_on_the_wire_are_no_failure(service, said):
    assert (exchanged(service, said) or 0) < 500


def test_a_request_that_is_smuggled_in_is_not_taken_for_a_second_one(service):
    said = b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" % PREDICT.encode()
    lengths = b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    address = service.http.base_url.host, service.http.base_url.port
    with socket.create_connection(address, timeout=15) as connection:
        connection.sendall(said + lengths + b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
        heard = b"".join(iter(lambda: connection.recv(4096), b""))
    assert heard.startswith(b"HTTP/1.1 400 ")
    assert heard.count(b"HTTP/1.1") == 1
