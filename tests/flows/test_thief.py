"""A foreign process cannot take a port to which we send a secret or link, and receives nothing."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import httpx
import pytest

from flows.processes.services import DidNotStart, api, prefect_server, process
from flows.processes.starting import open_port
from pipelines.web.credentials import read_credential
from pipelines.web.listening import host_and_port, listening_socket, reserve_port

ALIVE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\ntrue"
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


class Thief:
    """Listens at a port as soon as it knows one and can; answers 200 to all clients, and records their bytes."""

    def __init__(self, port):
        self.port, self.heard, self.done, self.tries = port, b"", threading.Event(), 0
        self.thread = threading.Thread(target=self.work, daemon=True)

    def work(self):
        while not self.done.wait(0.01):
            with suppress(OSError), socket.socket() as door:
                door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if port := self.port():
                    self.tries += 1
                    door.bind(("127.0.0.1", port))
                    door.listen()
                    self.listen(door)

    def listen(self, door):
        door.settimeout(0.5)
        while not self.done.is_set():
            with suppress(OSError), door.accept()[0] as client:
                client.settimeout(2)
                self.heard += client.recv(65536)
                client.sendall(ALIVE)


@contextmanager
def stealing(port):
    thief = Thief(port)
    thief.thread.start()
    try:
        yield thief
    finally:
        thief.done.set()
        thief.thread.join()


def recorded_port(folder):
    """The port that a record of this home names, or None."""
    for file in folder.glob("prefect.*.process.json"):
        with suppress(ValueError, OSError):
            return httpx.URL(json.loads(file.read_text())["url"]).port
    return None


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_who_learns_the_port_of_prefect_before_it_answers_cannot_take_it(settings, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    with (
        stealing(lambda: recorded_port(settings.home / "logs")) as thief,
        prefect_server(settings, meanwhile=lambda: None) as url,
    ):
        assert httpx.get(f"{url}/admin/version", timeout=30).status_code == 401
    assert thief.tries > 10
    assert thief.heard == b""


@contextmanager
def taken_port():
    """A port at which a thief listens already."""
    with socket.create_server(("127.0.0.1", 0)) as first:
        port = first.getsockname()[1]
    with stealing(lambda: port) as thief:
        while not thief.tries:
            time.sleep(0.01)
        time.sleep(0.1)
        yield thief, port


def test_a_port_at_which_somebody_listens_is_refused_and_nothing_is_sent_there(settings):
    with taken_port() as (thief, port):
        with pytest.raises(DidNotStart, match="is taken"), api(settings, listener=open_port(port, 8000)):
            pass
        with open_port(None, port) as other:
            assert host_and_port(other)[1] != port
        assert thief.heard == b""


def test_a_recorded_prefect_at_whose_port_somebody_else_listens_is_shown_nothing(settings, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    from flows.processes.process_records import write_record

    (settings.home / "logs").mkdir(parents=True)
    secret = read_credential(settings.home / "prefect.auth")
    with taken_port() as (thief, port), subprocess.Popen(SLEEP) as other:
        write_record(settings.home / "logs", "prefect", other.pid, f"http://127.0.0.1:{port}/api")
        with pytest.raises(DidNotStart, match="is not its own"), prefect_server(settings):
            pass
        other.kill()
        assert thief.heard == b""
    assert secret


def attempts(port):
    """The results of all ways to listen at a port, for another process without privileges."""
    found = set()
    for option in (None, socket.SO_REUSEADDR):
        with socket.socket() as door:
            if option:
                door.setsockopt(socket.SOL_SOCKET, option, 1)
            try:
                door.bind(("127.0.0.1", port))
                door.listen()
                found.add("listens")
            except OSError as error:
                found.add(error.strerror)
    return found


def test_a_port_is_ours_before_the_server_answers_and_after_it_died_where_it_refuses(settings):
    listener = listening_socket()
    _, port = host_and_port(listener)
    with process("mlflow", SLEEP, settings, listener) as child:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            assert attempts(port) == {"Address already in use"}
        child.kill()
        child.wait()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
        assert attempts(port) == {"Address already in use"}
    assert "listens" in attempts(port)


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize("alive", [True, False], ids=["listening", "kept"])
def test_another_user_cannot_share_the_port_either(alive):
    listener = listening_socket()
    _, port = host_and_port(listener)
    script = (
        "import os, socket, sys; os.setuid(65534); door = socket.socket();"
        "[door.setsockopt(socket.SOL_SOCKET, one, 1) for one in (socket.SO_REUSEADDR, socket.SO_REUSEPORT)];"
        f"door.bind(('127.0.0.1', {port})); door.listen()"
    )
    with reserve_port("127.0.0.1", port, listened=True), listener:
        if not alive:
            listener.close()
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "Address already in use" in done.stderr
