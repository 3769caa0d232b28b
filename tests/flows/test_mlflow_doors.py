"""Attacks on MLflow as we start it: foreign pages and callers without the secret get nothing."""

import os

import pytest

from flows.processes.up import mlflow_server
from pipelines.registry.mlflow_page import SCRIPT
from pipelines.registry.mlflow_server import credential_file
from pipelines.web.listening import listening_socket
from pipelines.workspace.settings import Settings
from tests.flows.doors import IDLE, Door, attacks, idle_connections, send

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

EXPERIMENTS = "/api/2.0/mlflow/experiments"


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory):
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


@pytest.mark.parametrize("said", IDLE)
def test_idle_connections_keep_nobody_waiting(said, mlflow, many_files):
    with idle_connections(mlflow.url, said):
        assert [send("GET", f"{mlflow.url}/health").status_code for _ in range(5)] == [200] * 5
