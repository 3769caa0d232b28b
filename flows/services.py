"""Processes that a run needs beside itself, on free ports of the loopback, stopped with it, and found again if not."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from flows.orphans import Record, alive, ended, identity, joined, record_file, recorded, records, sweep, used
from flows.starting import DidNotStart, answers, came, free_port, healthy, reaped, settled, started
from pipelines.settings import Settings

__all__ = ["DidNotStart", "api", "free_port", "healthy", "prefect_server", "process", "settled"]


@contextmanager
def process(name: str, command: Sequence[str], settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """Within, `command` runs in a process group of its own, its output in `<home>/logs/<name>.log`.

    What killed commands left behind in this home is stopped first.
    """
    logs = _logs(settings)
    sweep(logs)
    child = started(name, command, logs)
    try:
        recorded(logs, name, child.pid)
        yield child
    finally:
        reaped(child)
        record_file(logs, name, child.pid).unlink(missing_ok=True)


def _logs(settings: Settings) -> Path:
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    return logs


@contextmanager
def prefect_server(settings: Settings) -> Iterator[str]:
    """The address of Prefect's API: what `PREFECT_API_URL` names, or the one server that this home's commands share."""
    if named := os.environ.get("PREFECT_API_URL"):
        yield named
        return
    with _shared(_logs(settings)) as url, _named(url):
        try:
            yield url
        finally:
            _drained()


@contextmanager
def _shared(logs: Path) -> Iterator[str]:
    """The first to come starts the server, the last to leave stops it."""
    lock = FileLock(logs / "prefect.lock")
    with lock:
        sweep(logs)
        server = _running(logs) or _new(logs)
        marker = joined(logs, "prefect")
    try:
        yield server.url
    finally:
        with lock:
            marker.unlink(missing_ok=True)
            if not used(logs, "prefect"):
                _stopped(server, logs)


def _running(logs: Path) -> Record | None:
    """The server that another command of this home started; raises DidNotStart if it hangs."""
    for _file, server in records(logs, "prefect.*"):
        if came(lambda: answers(f"{server.url}/health"), lambda: alive(server.child), 60):  # noqa: B023
            return server
        if alive(server.child):
            pid = server.child.pid
            raise DidNotStart(f"the Prefect server of this home does not answer; end it (kill {pid}) and try again")
    return None


def _new(logs: Path) -> Record:
    port = free_port()
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    child = started("prefect", command, logs)
    try:
        with _named(f"http://127.0.0.1:{port}/api") as url:
            recorded(logs, "prefect", child.pid, url)
            import flows.training  # noqa: F401  the server and these imports take their time side by side

            healthy(child, f"{url}/health", logs / "prefect.log")
            # From here on it is not this process's to wait for: whoever leaves last stops it.
            child.returncode = 0
            return Record(identity(child.pid), identity(os.getpid()), url)
    except BaseException:
        reaped(child)
        record_file(logs, "prefect", child.pid).unlink(missing_ok=True)
        raise


def _stopped(server: Record, logs: Path) -> None:
    """Stop what was used, also if its record is lost, and what was started since in its place."""
    ended(server)
    for file, found in records(logs, "prefect.*"):
        ended(found)
        file.unlink(missing_ok=True)


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


@contextmanager
def api(settings: Settings, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """The address of the service, once every champion is loaded."""
    port = port or free_port()
    command = [sys.executable, "-m", "pipelines.serving", "--host", host, "--port", str(port)]
    with process("api", command, settings) as child:
        url = f"http://{host}:{port}"
        healthy(child, f"{url}/readyz", settings.home / "logs" / "api.log")
        yield url
