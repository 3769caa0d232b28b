"""The secret of a Prefect server: sent to the home's own server, and to a foreign one only if the operator sets it."""

import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from flows.processes.process_records import write_record
from flows.processes.services import DidNotStart, prefect_server
from pipelines.web.credentials import basic_auth_header, read_credential
from tests.flows.processes.conftest import SLEEP


@pytest.fixture
def stranger(settings, logs):
    """A foreign server that this home's records name; `asks(authorization)` decides whether it answers 200."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            open_path = self.path == "/api/health" or server.asks(self.headers["Authorization"])
            self.send_response(200 if open_path else 401)
            self.end_headers()

        def log_message(self, *_):
            pass

    class Shared(ThreadingHTTPServer):
        allow_reuse_port = True  # like our servers

    server = Shared(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with subprocess.Popen(SLEEP) as process:
        write_record(logs, "prefect", process.pid, f"http://127.0.0.1:{server.server_port}/api")
        yield server
        process.kill()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "asks", [lambda shown: True, lambda shown: False], ids=["it asks for nothing", "it asks for another secret"]
)
def test_a_server_that_does_not_ask_for_our_secret_is_not_used(asks, stranger, settings, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    stranger.asks = asks
    with pytest.raises(DidNotStart, match="does not ask for the secret"), prefect_server(settings):
        pass


def test_a_server_of_this_home_is_shown_the_homes_secret_or_the_operators_own(stranger, settings, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    stranger.asks = lambda shown: shown == basic_auth_header(secret)["Authorization"]
    secret = read_credential(settings.home / "prefect.auth")
    with prefect_server(settings) as url:
        assert (os.environ["PREFECT_API_URL"], os.environ["PREFECT_API_AUTH_STRING"]) == (url, secret)
    assert "PREFECT_API_AUTH_STRING" not in os.environ
    secret = "admin:their-own"
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", secret)
    with subprocess.Popen(SLEEP) as process:
        write_record(settings.home / "logs", "prefect", process.pid, f"http://127.0.0.1:{stranger.server_port}/api")
        with prefect_server(settings):
            assert os.environ["PREFECT_API_AUTH_STRING"] == secret
        process.kill()
    assert os.environ["PREFECT_API_AUTH_STRING"] == secret


def test_another_prefect_is_sent_nothing_of_ours(stranger, settings, monkeypatch):
    given, seen = f"http://127.0.0.1:{stranger.server_port}/api", []
    monkeypatch.setenv("PREFECT_API_URL", given)
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    stranger.asks = lambda shown: seen.append(shown) or True
    with prefect_server(settings) as url:
        assert url == given
        assert "PREFECT_API_AUTH_STRING" not in os.environ
    assert set(seen) == {None}
    assert not (settings.home / "prefect.auth").exists()


def test_another_prefect_that_asks_for_a_secret_is_shown_the_operators_own_or_told_of(stranger, settings, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{stranger.server_port}/api")
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    stranger.asks = lambda shown: shown == basic_auth_header("admin:their-own")["Authorization"]
    with (
        pytest.raises(DidNotStart, match="set PREFECT_API_AUTH_STRING beside PREFECT_API_URL"),
        prefect_server(settings),
    ):
        pass
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "admin:their-own")
    with prefect_server(settings):
        pass
