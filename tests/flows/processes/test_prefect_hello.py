"""Prefect's websocket accepts a client that sends the credential first; messages of all others do not reach Prefect."""

import json

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from flows.processes.prefect_hello import Hello

SECRET = "needloop:open-sesame"


@pytest.fixture
def received():
    """The messages that the server behind the guard received."""
    return []


def open_websocket(received, *protocols, seconds=5.0):
    async def talk(socket):
        await socket.accept(subprotocol="prefect")
        try:
            while True:
                received.append(await socket.receive_json())
                await socket.send_text("heard")
        except WebSocketDisconnect:
            received.append("gone")

    client = TestClient(Hello(Starlette(routes=[WebSocketRoute("/in", talk)]), SECRET, seconds))
    return client.websocket_connect("/in", subprotocols=list(protocols))


def hello(token):
    return json.dumps({"type": "auth", "token": token})


def test_who_shows_the_credential_is_heard(received):
    with open_websocket(received, "prefect") as socket:
        for said in (hello(SECRET), '{"event": 1}'):
            socket.send_text(said)
            assert socket.receive_text() == "heard"
    assert received == [{"type": "auth", "token": SECRET}, {"event": 1}, "gone"]


STRANGE = {
    "no JSON": "x",
    "nothing": "",
    "a list": "[]",
    "a nest": "[" * 100_000,
    "no hello": '{"event": 1}',
    "no token": '{"type": "auth"}',
    "a number": hello(5),
    "another token": hello("needloop:guessed"),
    "no ASCII": hello("ä"),
    "half a character": '{"type": "auth", "token": "\\ud800"}',
}


@pytest.mark.parametrize("said", STRANGE.values(), ids=STRANGE)
def test_who_says_something_else_first_is_closed_and_not_heard(said, received):
    with open_websocket(received, "prefect") as socket:
        socket.send_text(said)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert (closed.value.code, closed.value.reason) == (1008, "Invalid token")
    assert received == ["gone"]


def test_bytes_are_no_hello(received):
    with open_websocket(received, "prefect") as socket:
        socket.send_bytes(hello(SECRET).encode())
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()
    assert received == ["gone"]


def test_who_says_nothing_is_closed_after_a_while(received):
    with open_websocket(received, "prefect", seconds=0.1) as socket, pytest.raises(WebSocketDisconnect):
        socket.receive_text()
    assert received == ["gone"]


@pytest.mark.parametrize("protocols", [(), ("other",)])
def test_who_speaks_another_protocol_is_never_let_in(protocols, received):
    with pytest.raises(WebSocketDisconnect), open_websocket(received, *protocols):
        pass
    assert received == []
