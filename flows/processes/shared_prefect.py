"""The one Prefect server that the commands of a home share: the first starts it, the last stops it."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from filelock import FileLock

from flows.processes.process_records import (
    Record,
    alive,
    ended,
    identity,
    joined,
    record_file,
    recorded,
    records,
    sweep,
    used,
)
from flows.processes.starting import DidNotStart, answers, came, healthy, reaped, started
from pipelines.runtime.interpreter import MODULE
from pipelines.web.credentials import basic
from pipelines.web.listening import place, reserve_port


@contextmanager
def shared(
    logs: Path, secret: str, listener: Callable[[], socket.socket], meanwhile: Callable[[], None]
) -> Iterator[str]:
    """The server of a home; `listener` opens the socket of a new one, and `meanwhile` is called as it starts.

    Within, its port is kept for this user: whatever becomes of the server, nobody else is shown the secret there.
    """
    lock = FileLock(logs / "prefect.lock")
    with ExitStack() as keeping:
        with lock:
            sweep(logs)
            server = _running(logs, secret, keeping) or _new(logs, secret, listener, meanwhile, keeping)
            marker = joined(logs, "prefect")
        try:
            yield server.url
        finally:
            with lock:
                marker.unlink(missing_ok=True)
                if not used(logs, "prefect"):
                    _stopped(server, logs)


def _running(logs: Path, secret: str, keeping: ExitStack) -> Record | None:
    """The server that another command of this home started; raises DidNotStart if it hangs, or has another secret."""
    for _file, server in records(logs, "prefect.*"):
        pid = server.child.pid
        if not alive(server.child):
            continue
        keeping.enter_context(_ours(server))
        if came(lambda: answers(f"{server.url}/health"), lambda: alive(server.child), 60):  # noqa: B023  called before the loop goes on
            if not _asks_for(secret, server.url):
                raise DidNotStart(
                    f"the Prefect server of this home (process {pid}) does not ask for the secret that this command has"
                    ": end the command that started it, or give this one its PREFECT_API_AUTH_STRING"
                )
            return server
        if alive(server.child):
            raise DidNotStart(f"the Prefect server of this home does not answer; end it (kill {pid}) and try again")
    return None


def _ours(server: Record) -> socket.socket:
    """Keeps the port of a server for this user; raises DidNotStart where a process of another user listens there."""
    url = httpx.URL(server.url)
    try:
        return reserve_port(url.host, url.port or 0)
    except OSError as error:
        raise DidNotStart(
            f"the port of this home's Prefect server ({url.netloc.decode()}) is not its own: another user's process or"
            f" an older server listens there; end it (kill {server.child.pid}) and try again"
        ) from error


def _asks_for(secret: str, url: str) -> bool:
    """Whether a server lets in those who hold the secret, and nobody else."""
    version = f"{url}/admin/version"
    return not answers(version) and answers(version, basic(secret))


def _new(
    logs: Path, secret: str, choose: Callable[[], socket.socket], meanwhile: Callable[[], None], keeping: ExitStack
) -> Record:
    listener = choose()
    host, port = place(listener)
    keeping.enter_context(reserve_port(host, port, listened=True))
    command = [*MODULE, "flows.processes.prefect_server"]
    child = started("prefect", command, logs, _environment(port, secret), listener)
    try:
        with named(f"http://{host}:{port}/api", secret) as url:
            recorded(logs, "prefect", child.pid, url)
            meanwhile()  # the server and this take their time side by side
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


def _environment(port: int, credential: str) -> dict[str, str]:
    """What the server needs to know: its credential, and where its pages find its API.

    An address without host: the pages work on every port, through a tunnel and behind a proxy.
    """
    defaults = {
        "PREFECT_SERVER_UI_API_URL": "/api",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{port},http://localhost:{port}",
    }
    if "PREFECT_UI_API_URL" in os.environ:  # another name of the first
        del defaults["PREFECT_SERVER_UI_API_URL"]
    own = {name: os.environ[name] for name in defaults if name in os.environ}
    return defaults | own | {"PREFECT_SERVER_API_AUTH_STRING": credential}


@contextmanager
def named(url: str, secret: str) -> Iterator[str]:
    """Within, Prefect in this process and in its children speaks to `url`, and shows the secret."""
    names = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING")
    before = {name: os.environ[name] for name in names if name in os.environ}
    os.environ.update(zip(names, (url, secret), strict=True))
    try:
        yield url
    finally:
        for name in names:
            del os.environ[name]
        os.environ.update(before)
