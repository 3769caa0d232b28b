"""The real service of tests/pipelines/serving, and a proxy before it that can refuse or break connections."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.pipelines.serving.conftest import _promote, _write_package, service, start

__all__ = ["_promote", "_write_package", "service", "start"]


@dataclass
class Door:
    """A proxy: passes requests on to a service, after one planned refusal or loss for each request."""

    url: str = ""
    told: list = field(default_factory=list)
    passed: list = field(default_factory=list)


@pytest.fixture
def door(service):
    """`told` holds refusals `(status, headers)`, or `lost`: passed on, but the connection breaks before the answer."""
    door = Door()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told = door.told.pop(0) if door.told else None
            if isinstance(told, tuple):
                self.refuse(*told)
                return
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            door.passed.append((self.path, headers))
            answer = service.http.post(self.path, content=body, headers=headers)
            if told == "lost":
                self.connection.close()
            else:
                self.say(answer.status_code, answer.content, {"Content-Type": "application/json"})

        def refuse(self, status, headers):
            self.say(status, b'{"detail": "busy"}', headers)

        def say(self, status, content, headers):
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with run_server(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        door.url = f"http://127.0.0.1:{server.server_port}"
        yield door


@contextmanager
def run_server(server):
    """Run a server in a thread, silent about connections that a test breaks."""
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
