"""Attacks on Prefect as we start it: foreign pages and callers without the secret get nothing."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from flows.processes.services import prefect_server
from pipelines.web.credentials import basic_auth_header
from pipelines.web.page_server import MAX_CONNECTIONS
from tests.flows.doors import IDLE, Door, attacks, idle_connections, send
from tests.flows.environments import inhabited, migrate_prefect

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

SHELL = {"pull_steps": [{"prefect.deployments.steps.run_shell_script": {"script": "touch /tmp/owned"}}]}


@pytest.fixture(scope="module")
def doors_home(tmp_path_factory):
    return tmp_path_factory.mktemp("prefect-doors")


@pytest.fixture(scope="module")
def prefect(doors_home, prefect_url, new_prefect):
    """A Prefect server that no other test uses."""
    with inhabited(doors_home) as settings:
        migrate_prefect(settings, new_prefect)
        for name in ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING"):
            os.environ.pop(name, None)
        with prefect_server(settings) as url:
            yield Door(url, os.environ["PREFECT_API_AUTH_STRING"])


@pytest.fixture
def prefect_log(prefect, doors_home):
    return doors_home / "logs" / "prefect.log"


@pytest.fixture
def deployment(prefect):
    """The path of a deployment that its owner made."""
    flow = prefect.owner("POST", "/flows/", json={"name": "retrain"})
    made = prefect.owner("POST", "/deployments/", json={"name": "topics", "flow_id": flow["id"]})
    return f"/deployments/{made['id']}"


@attacks
def test_prefect_tells_and_does_nothing(headers, signed_in, status, prefect, deployment):
    before, runs = prefect.owner("GET", deployment), prefect.owner("POST", "/flow_runs/count", json={})
    headers = {**(prefect.key if signed_in else {}), **headers}
    answers = [
        prefect.ask("PATCH", deployment, json=SHELL, headers=headers),
        prefect.ask("GET", deployment, headers=headers),
        prefect.ask("DELETE", deployment, headers=headers),
        prefect.ask("POST", f"{deployment}/create_flow_run", json={}, headers=headers),
        prefect.ask("POST", "/deployments/filter", json={}, headers=headers),
        prefect.ask("POST", "/flows/", content=b'{"name": "owned"}', headers=headers),
        prefect.ask("POST", "/events", json=[], headers=headers),
        prefect.ask("GET", "/admin/settings", headers=headers),
    ]
    assert {response.status_code for response in answers} == {status}
    assert not [response for response in answers if "Access-Control-Allow-Origin" in response.headers]
    assert prefect.owner("GET", deployment) == before
    assert prefect.owner("POST", "/flow_runs/count", json={}) == runs


@pytest.mark.parametrize("protocols", [None, ["prefect"]], ids=["no hello", "a hello"])
@pytest.mark.parametrize("origin", ["https://evil.example", None], ids=["a page", "a program"])
def test_prefect_takes_no_events_from_strangers(origin, protocols, prefect):
    def send_event():
        with connect(f"{prefect.url.replace('http', 'ws')}/events/in", origin=origin, subprotocols=protocols) as socket:
            socket.send('{"type": "auth", "token": "needloop:guessed"}')
            return socket.recv(timeout=10)

    with pytest.raises((InvalidStatus, ConnectionClosed)):
        send_event()


STRANGE = [basic_auth_header("needloop:ä"), {"Authorization": b"Basic \xff"}, [("Authorization", "Basic eDp5")]]


@pytest.mark.parametrize("hello", ["x", "[]", '{"type": "auth", "token": "ä"}', '{"type": "auth", "token": 5}'])
@pytest.mark.parametrize("headers", STRANGE, ids=["no ASCII", "no text", "two headers"])
def test_what_strangers_send_to_prefect_fills_no_log(headers, hello, prefect, prefect_log):
    before = prefect_log.stat().st_size
    two = [*prefect.key.items(), *headers] if isinstance(headers, list) else headers
    for path in ("/admin/version", "/flows/filter", "/docs", "/openapi.json"):
        assert prefect.ask("GET", path, headers=two).status_code == 401
    for path in ("/events/in", "/events/out", "/logs/out", "/work_pools/x/workers/connect"):
        with connect(f"{prefect.url.replace('http', 'ws')}{path}", subprotocols=["prefect"]) as socket:
            socket.send(hello)
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=10)
    assert prefect_log.stat().st_size == before


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_prefect_describes_its_api_to_those_who_hold_the_secret(path, prefect):
    page = prefect.url.removesuffix("/api")
    assert send("GET", f"{page}{path}").status_code == 401


@pytest.mark.parametrize("said", IDLE)
def test_idle_connections_keep_nobody_waiting(said, prefect, many_files):
    with idle_connections(prefect.url, said):
        page = prefect.url.removesuffix("/api")
        assert [send("GET", f"{page}/api/health").status_code for _ in range(5)] == [200] * 5


def test_websockets_that_say_nothing_are_closed_and_the_place_of_each_is_free_again(prefect, many_files):
    address = f"{prefect.url.replace('http', 'ws')}/events/in"

    def open_websocket(_=None):
        return connect(address, subprotocols=["prefect"], open_timeout=20)

    silent = open_websocket()
    # Prefect accepts a hundred at once, and the server MAX_CONNECTIONS of an address.
    with ThreadPoolExecutor(20) as pool:
        for _ in range(MAX_CONNECTIONS // 80 + 1):
            list(pool.map(Connection.close, list(pool.map(open_websocket, range(80)))))
    assert prefect.ask("GET", "/health").status_code == 200
    with pytest.raises(ConnectionClosed):
        silent.recv(timeout=20)


def test_prefect_without_the_secret_says_only_that_it_lives_and_where_its_pages_ask(prefect):
    assert prefect.ask("GET", "/health").json() is True
    settings = send("GET", f"{prefect.url.removesuffix('/api')}/ui-settings").json()
    assert settings["api_url"] == "/api", "on whatever port the page was opened"
    assert settings["auth"] == "BASIC"
    assert prefect.ask("GET", "/health", headers={"Host": "evil.example"}).status_code == 400


def test_prefect_answers_its_own_page_that_is_signed_in(prefect, deployment):
    origin = prefect.url.removesuffix("/api")
    headers = {**prefect.key, "Origin": origin, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    assert prefect.ask("GET", deployment, headers=headers).status_code == 200
    link = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert send("GET", origin, headers=link, follow_redirects=True).status_code == 200, "the console's link"
