"""A server under load: how it is started, what it is asked, how long it takes to come up and what it holds."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

START_SECONDS = 120.0
Body = Callable[[Sequence[str]], object]


class DidNotStart(RuntimeError):
    """A server that did not come up."""


@dataclass(frozen=True)
class Contestant:
    """A way of serving: its command with `{port}`, the path that answers, and its body for some texts."""

    name: str
    command: Sequence[str]
    path: str
    body: Body
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Running:
    """A server that answers at `url`, and the seconds from its start until its first answer."""

    of: Contestant
    url: str
    process: psutil.Popen
    start: float

    @property
    def megabytes(self) -> float:
        """Resident memory of all its processes; what they share is counted for each, as `ps` does."""
        return float(sum(one.memory_info().rss for one in self._all()) / 2**20)

    def bodies(self, texts: Sequence[Sequence[str]], file: Path) -> Path:
        """Write what is asked, one request a line."""
        file.write_text("\n".join(json.dumps(self.of.body(one)) for one in texts), encoding="utf-8")
        return file

    def halt(self) -> None:
        """Take no time of the machine from now on."""
        self._signal(signal.SIGSTOP)

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Within, it goes on."""
        self._signal(signal.SIGCONT)
        try:
            yield
        finally:
            self.halt()

    def _signal(self, number: int) -> None:
        for one in self._all():
            with suppress(psutil.NoSuchProcess):
                one.send_signal(number)

    def _all(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def running(contestant: Contestant, port: int, text: str, log: Path) -> Iterator[Running]:
    """Within, the server answers. Raises DidNotStart."""
    command = [part.format(port=port) for part in contestant.command]
    begun = time.perf_counter()
    with log.open("wb") as output:
        process = psutil.Popen(
            command, stdout=output, stderr=output, env=os.environ | dict(contestant.environment), start_new_session=True
        )
    found = Running(contestant, f"http://127.0.0.1:{port}{contestant.path}", process, 0.0)
    try:
        _first_answer(found, text, log)
        found.start = time.perf_counter() - begun
        yield found
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """One that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _first_answer(found: Running, text: str, log: Path) -> None:
    end = time.perf_counter() + START_SECONDS
    while time.perf_counter() < end and found.process.poll() is None:
        with suppress(httpx.TransportError):
            answer = httpx.post(found.url, json=found.of.body([text]), timeout=30)
            if answer.status_code == httpx.codes.OK:
                return
        time.sleep(0.02)
    last = log.read_text(encoding="utf-8", errors="replace").strip()[-300:]
    raise DidNotStart(f"{found.of.name} did not come up: {last}")
