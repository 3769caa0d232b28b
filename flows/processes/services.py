"""Processes that a run needs beside itself, on free ports of the loopback, stopped with it, and found again if not."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from flows.processes.process_records import record_file, recorded, sweep
from flows.processes.progress import announced
from flows.processes.shared_prefect import named, shared
from flows.processes.starting import DidNotStart, healthy, reaped, settled, started, status
from pipelines.runtime.interpreter import MODULE
from pipelines.runtime.progress import is_watched, say
from pipelines.runtime.settings import Settings
from pipelines.web.credentials import basic, credential
from pipelines.web.listening import LOOPBACK, address, listening, place, reserve_port

__all__ = [
    "DidNotStart",
    "api",
    "healthy",
    "prefect_credential_file",
    "prefect_server",
    "prefect_told",
    "process",
    "settled",
]


@contextmanager
def process(
    name: str, command: Sequence[str], settings: Settings, listener: socket.socket | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Within, `command` runs in a process group of its own, its output in `<home>/logs/<name>.log`.

    What killed commands left behind in this home is stopped first. The child takes over the `listener`; its port stays
    this user's until the end, also where the child dies.
    """
    logs = _logs(settings)
    sweep(logs)
    with reserve_port(*place(listener), listened=True) if listener else nullcontext():
        yield from _running(name, command, logs, listener)


def _running(
    name: str, command: Sequence[str], logs: Path, listener: socket.socket | None
) -> Iterator["subprocess.Popen[bytes]"]:
    child = started(name, command, logs, listener=listener)
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


def prefect_credential(settings: Settings) -> str:
    """The secret of Prefect's API: the operator's own `PREFECT_API_AUTH_STRING`, or the line in the home's file."""
    return os.environ.get("PREFECT_API_AUTH_STRING") or credential(prefect_credential_file(settings.home))


def prefect_credential_file(home: Path) -> Path:
    """What people type into the sign-in of Prefect's pages: user, colon, password."""
    return home / "prefect.auth"


@contextmanager
def prefect_server(
    settings: Settings,
    listener: Callable[[], socket.socket] = listening,
    meanwhile: Callable[[], None] | None = None,
) -> Iterator[str]:
    """The address of Prefect's API: what `PREFECT_API_URL` names, or the one server that this home's commands share.

    `listener` opens the socket of a new server; `meanwhile` is called while one starts.
    """
    if given := os.environ.get("PREFECT_API_URL"):
        _admitted(given)
        yield given
        return
    secret = prefect_credential(settings)
    with shared(_logs(settings), secret, listener, meanwhile or _imports) as url, named(url, secret):
        try:
            yield url
        finally:
            _drained()


def prefect_told(settings: Settings) -> AbstractContextManager[str]:
    """The same for a command; its start and its stop are told in lines where nobody watches a terminal."""
    server = prefect_server(settings)
    return server if is_watched() else announced("Prefect", server, say)


def _admitted(url: str) -> None:
    """Raises DidNotStart where somebody's Prefect asks for a secret that was not given; of ours it is shown nothing."""
    own = os.environ.get("PREFECT_API_AUTH_STRING")
    if "PREFECT_API_KEY" not in os.environ and status(f"{url}/admin/version", basic(own) if own else {}) == 401:
        raise DidNotStart(
            f"Prefect at {url} asks for a secret: set PREFECT_API_AUTH_STRING beside PREFECT_API_URL; for a server of"
            " `needloop up` it is the line in prefect.auth of its home"
        )


def _imports() -> None:
    """What a command that runs flows imports anyway."""
    import flows.training  # noqa: F401  imported early, while Prefect starts


def _drained() -> None:
    """Send what Prefect still keeps in memory: at exit it would try for a minute to reach a server that is gone."""
    if "prefect.events.worker" not in sys.modules:
        return
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogHandler

    APILogHandler().flush()
    EventsWorker.drain_all(timeout=5)


@contextmanager
def api(settings: Settings, host: str = LOOPBACK, listener: socket.socket | None = None) -> Iterator[str]:
    """The address of the service, once every champion is loaded."""
    listener = listener or listening(host)
    url = address(listener)
    command = [*MODULE, "pipelines.serving", "--host", host]
    with process("api", command, settings, listener) as child:
        healthy(child, f"{url}/readyz", settings.home / "logs" / "api.log")
        yield url
