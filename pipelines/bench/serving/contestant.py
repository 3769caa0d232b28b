"""A server under load: its start, its requests, its start time and its memory."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

START_SECONDS = 120.0
Body = Callable[[Sequence[str]], object]


class StartFailed(RuntimeError):
    """A server did not start."""


@dataclass(frozen=True)
class Contestant:
    """A way of serving: its command with `{port}`, the path of predictions, and the request body for some texts."""

    name: str
    command: Sequence[str]
    path: str
    body: Body
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class RunningServer:
    """A server at `url`, and the seconds from its start to its first answer."""

    contestant: Contestant
    url: str
    process: psutil.Popen
    start: float

    @property
    def megabytes(self) -> float:
        """Resident memory of all its processes; shared memory counts for each, as in `ps`."""
        return float(sum(process.memory_info().rss for process in self._processes()) / 2**20)

    def bodies(self, texts: Sequence[Sequence[str]], file: Path) -> Path:
        """Write the request bodies, one a line."""
        file.write_text("\n".join(json.dumps(self.contestant.body(batch)) for batch in texts), encoding="utf-8")
        return file

    def pause(self) -> None:
        """Stop all its processes, so that they use no CPU time."""
        self._signal(signal.SIGSTOP)

    @contextmanager
    def resumed(self) -> Iterator[None]:
        """Continue its processes inside the context."""
        self._signal(signal.SIGCONT)
        try:
            yield
        finally:
            self.pause()

    def _signal(self, number: int) -> None:
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def run_server(contestant: Contestant, port: int, text: str, log: Path) -> Iterator[RunningServer]:
    """Run the server inside the context. Raises StartFailed."""
    command = [part.format(port=port) for part in contestant.command]
    started = time.perf_counter()
    # MLflow looks for uvicorn on the path; it is beside our interpreter.
    path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment = os.environ | path | dict(contestant.environment)
    with log.open("wb") as output:
        process = psutil.Popen(command, stdout=output, stderr=output, env=environment, start_new_session=True)
    server = RunningServer(contestant, f"http://127.0.0.1:{port}{contestant.path}", process, 0.0)
    try:
        _await_answer(server, text, log)
        server.start = time.perf_counter() - started
        yield server
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """A port at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _await_answer(server: RunningServer, text: str, log: Path) -> None:
    deadline = time.perf_counter() + START_SECONDS
    while time.perf_counter() < deadline and server.process.poll() is None:
        with suppress(httpx.TransportError):
            answer = httpx.post(server.url, json=server.contestant.body([text]), timeout=30)
            if answer.status_code == httpx.codes.OK:
                return
        time.sleep(0.02)
    log_end = log.read_text(encoding="utf-8", errors="replace").strip()[-300:]
    raise StartFailed(f"{server.contestant.name} did not come up: {log_end}")
