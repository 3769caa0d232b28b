"""Processes that a run needs beside itself, on free ports of the loopback, stopped with it, and found again if not."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from pipelines.settings import Settings


class DidNotStart(RuntimeError):
    """A service that ended, or did not answer in time."""


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(name: str, command: Sequence[str], settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Within, `command` runs in a process group of its own, its output in `<home>/logs/<name>.log`.

    What a killed run left behind under that name is stopped first.
    """
    log = settings.home / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    _stop_orphan(name, settings)
    with log.open("ab") as output:
        child = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
        )
    record = _record(name, settings)
    record.write_text(json.dumps({"child": _identity(child.pid), "parent": _identity(os.getpid())}), encoding="utf-8")
    try:
        yield child
    finally:
        _stop(child.pid)
        child.wait()
        record.unlink(missing_ok=True)


def _record(name: str, settings: Settings) -> Path:
    return settings.home / "logs" / f"{name}.process.json"


def _identity(pid: int) -> list[float]:
    """A process id and when it began: the pair is never used twice."""
    return [pid, psutil.Process(pid).create_time()]


def _alive(identity: list[float]) -> bool:
    with suppress(psutil.NoSuchProcess):
        return _identity(int(identity[0])) == identity
    return False


def _stop_orphan(name: str, settings: Settings) -> None:
    record = _record(name, settings)
    if record.exists():
        left = json.loads(record.read_text(encoding="utf-8"))
        if _alive(left["child"]) and not _alive(left["parent"]):
            _stop(int(left["child"][0]))


def _stop(group: int) -> None:
    for wanted, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        with suppress(ProcessLookupError):
            os.killpg(group, wanted)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and _members(group):
            time.sleep(0.1)


def _members(group: int) -> bool:
    """Whether a process of the group still runs; zombies do not."""
    for found in psutil.process_iter(["status"]):
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getpgid(found.pid) == group and found.info["status"] != psutil.STATUS_ZOMBIE:
                return True
    return False


def healthy(child: subprocess.Popen[bytes], url: str, log: Path, patience: float = 180) -> None:
    """Wait until `url` answers 200; raises DidNotStart with the last line of the log."""

    def answers() -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(url, timeout=5).status_code == 200
        return False

    settled(child, answers, log, patience)


def settled(child: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path, patience: float = 180) -> None:
    """Wait until a started process is `ready`; raises DidNotStart with the last line of its log."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and child.poll() is None:
        if ready():
            return
        time.sleep(0.2)
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
    raise DidNotStart(f"{log.stem} did not start; its log {log} ends: {(said or ['nothing'])[-1]}")


@contextmanager
def prefect_server(settings: Settings) -> Iterator[str]:
    """The address of Prefect's API: the one `PREFECT_API_URL` names, the one `needloop up` runs, or one of our own."""
    named = os.environ.get("PREFECT_API_URL") or _running(settings)
    if named:
        with _named(named):
            yield named
        return
    port = free_port()
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with process("prefect", command, settings) as child, _named(f"http://127.0.0.1:{port}/api") as url:
        import flows.training  # noqa: F401  the server and these imports take their time side by side

        healthy(child, f"{url}/health", settings.home / "logs" / "prefect.log")
        address = settings.home / "logs" / "prefect.url"
        address.write_text(url, encoding="utf-8")
        try:
            yield url
        finally:
            _drained()


def _drained() -> None:
    """Send what Prefect still keeps in memory: at exit it would try for a minute to reach a server that is gone."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogHandler

    APILogHandler().flush()
    EventsWorker.drain_all(timeout=5)


@contextmanager
def _named(url: str) -> Iterator[str]:
    """Within, Prefect in this process and in its children speaks to `url`."""
    before = os.environ.get("PREFECT_API_URL")
    os.environ["PREFECT_API_URL"] = url
    try:
        yield url
    finally:
        if before is None:
            del os.environ["PREFECT_API_URL"]


def _running(settings: Settings) -> str | None:
    """The server that another live command of this home started, if it is well."""
    record, address = _record("prefect", settings), settings.home / "logs" / "prefect.url"
    if not (record.exists() and address.exists()):
        return None
    found = json.loads(record.read_text(encoding="utf-8"))
    if not (_alive(found["child"]) and _alive(found["parent"])):
        return None
    url = address.read_text(encoding="utf-8")
    with suppress(httpx.TransportError):
        return url if httpx.get(f"{url}/health", timeout=5).status_code == 200 else None
    return None


@contextmanager
def api(settings: Settings, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """The address of the service, once every champion is loaded."""
    port = port or free_port()
    command = [sys.executable, "-m", "pipelines.serving", "--host", host, "--port", str(port)]
    with process(f"api-{port}", command, settings) as child:
        url = f"http://{host}:{port}"
        healthy(child, f"{url}/readyz", settings.home / "logs" / f"api-{port}.log")
        yield url
