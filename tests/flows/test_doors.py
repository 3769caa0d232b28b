"""Attacks on Prefect and MLflow as we start them: foreign pages and callers without the secret get nothing."""

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from flows.processes.services import prefect_server
from flows.processes.up import mlflow_server
from pipelines.registry.mlflow_page import SCRIPT
from pipelines.registry.mlflow_server import credential_file
from pipelines.web.credentials import basic_auth_header
from pipelines.web.listening import listening_socket
from pipelines.web.page_server import MAX_CONNECTIONS
from tests.flows.environments import inhabited, migrate_prefect

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

SHELL = {"pull_steps": [{"prefect.deployments.steps.run_shell_script": {"script": "touch /tmp/owned"}}]}
PAGE = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
# Headers of an attack, with the right secret (which a browser would add by itself) or without it.
ATTACKS = {
    "no secret": ({}, False, 401),
    "a wrong secret": (basic_auth_header("needloop:guessed"), False, 401),
    "a page, without the secret": (PAGE, False, 403),
    "a page, in a browser that is signed in": (PAGE, True, 403),
    "a page of another port": ({**PAGE, "Origin": "http://127.0.0.1:9"}, True, 403),
    "a page without an origin": ({**PAGE, "Origin": "null"}, True, 403),
    "a script or a picture": ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, True, 403),
    "a name that was bound anew": ({"Host": "evil.example"}, True, 400),
}
attacks = pytest.mark.parametrize(("headers", "signed_in", "status"), ATTACKS.values(), ids=ATTACKS)


def send(method, url, **options):
    """The response to a client without cookies; without TLS, which takes longest to prepare."""
    with httpx.Client(timeout=30, verify=False) as client:
        return client.request(method, url, **options)


class Door:
    """A server, and the authorization header of its owner."""

    def __init__(self, url, secret):
        self.url, self.secret, self.key = url, secret, basic_auth_header(secret)

    def ask(self, method, path, **options):
        return send(method, f"{self.url}{path}", **options)

    def owner(self, method, path, **options):
        """The answer to the owner; repeated while SQLite is busy (503), as Prefect's own client does."""
        for wait in (0.5, 1, 2, 4, 0):
            response = self.ask(method, path, headers=self.key, **options)
            if response.status_code != 503:
                break
            time.sleep(wait)
        return response.raise_for_status().json()


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


@pytest.mark.parametrize(
    "said", [b"", b"GET / HTTP/1.1\r\n", b"POST /api/flows/ HTTP/1.1\r\nContent-Length: 9\r\n\r\n"]
)
@pytest.mark.parametrize("name", ["prefect", "mlflow"])
def test_idle_connections_keep_nobody_waiting(name, said, request, many_files):
    url = httpx.URL(request.getfixturevalue(name).url)
    with ExitStack() as stack:
        for _ in range(1100):  # more than the files that a process usually may open
            connection = stack.enter_context(socket.create_connection((url.host, url.port), timeout=20))
            connection.sendall(said)
        health = "/api/health" if name == "prefect" else "/health"
        assert [send("GET", url.join(health)).status_code for _ in range(5)] == [200] * 5


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


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory):
    from pipelines.workspace.settings import Settings

    before = dict(os.environ)
    home = tmp_path_factory.mktemp("mlflow-home")
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    settings = Settings(home=home, _env_file=None).activate()
    os.environ["NEEDLOOP_HOME"] = str(home)
    with mlflow_server(settings, listening_socket()) as url:
        yield Door(url, credential_file(home).read_text().strip())
    os.environ.clear()
    os.environ.update(before)


def test_mlflow_s_page_closes_what_it_would_open_before_its_own_script_runs(mlflow):
    got = mlflow.ask("GET", "/", headers=mlflow.key)
    assert SCRIPT in got.text.partition("static-files/")[0]
    assert got.headers["X-Frame-Options"] == "SAMEORIGIN"


EXPERIMENTS = "/api/2.0/mlflow/experiments"


@attacks
def test_mlflow_tells_and_does_nothing(headers, signed_in, status, mlflow):
    headers = {**(mlflow.key if signed_in else {}), **headers}
    found = {"max_results": 10}
    answers = [
        mlflow.ask("POST", f"{EXPERIMENTS}/create", json={"name": "owned"}, headers=headers),
        mlflow.ask("POST", f"{EXPERIMENTS}/create", content=b'{"name": "owned"}', headers=headers),
        mlflow.ask("POST", f"{EXPERIMENTS}/delete", json={"experiment_id": "0"}, headers=headers),
        mlflow.ask("POST", f"/ajax-api{EXPERIMENTS.removeprefix('/api')}/search", json=found, headers=headers),
        mlflow.ask("GET", f"{EXPERIMENTS}/search", params=found, headers=headers),
        mlflow.ask("POST", "/graphql", json={}, headers=headers),
        mlflow.ask("GET", "/get-artifact", params={"path": "a", "run_uuid": "b"}, headers=headers),
        mlflow.ask("GET", "/static-files/index.html", headers=headers),
        mlflow.ask("GET", "/ajax-api/3.0/mlflow/server-info", headers=headers),
        mlflow.ask("POST", "/ajax-api/3.0/mlflow/assistant/message", json={}, headers=headers),
        mlflow.ask("GET", "/", headers=headers),
    ]
    assert {response.status_code for response in answers} == {status}
    assert not [response for response in answers if "Access-Control-Allow-Origin" in response.headers]
    names = [one["name"] for one in mlflow.owner("GET", f"{EXPERIMENTS}/search", params=found)["experiments"]]
    assert names == ["Default"]


@pytest.mark.parametrize("path", ["message", "config", "status"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_who_signs_in_to_mlflow_gets_no_shell_by_its_assistant(method, path, mlflow):
    answer = mlflow.ask(method, f"/ajax-api/3.0/mlflow/assistant/{path}", headers=mlflow.key)
    assert answer.status_code in (404, 405)


def test_mlflow_lives_for_all_and_works_for_those_who_hold_the_secret(mlflow, monkeypatch):
    from mlflow import MlflowClient

    assert mlflow.ask("GET", "/health").text == "OK"
    assert "Basic" in mlflow.ask("GET", "/").headers["WWW-Authenticate"], "so that a browser asks for it"
    user, _, password = mlflow.secret.partition(":")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", user)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", password)
    assert [one.name for one in MlflowClient(mlflow.url).search_experiments()] == ["Default"]
    telemetry = mlflow.owner("GET", "/ajax-api/3.0/mlflow/ui-telemetry")
    assert telemetry["disable_ui_telemetry"] is True
