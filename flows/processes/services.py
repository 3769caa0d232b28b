"""Prefect, MLflow and the service as child processes of a command, on free ports of the loopback."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from flows.processes.process_records import record_file, sweep, write_record
from flows.processes.progress import with_progress
from flows.processes.shared_prefect import prefect_environment, shared_server
from flows.processes.starting import DidNotStart, http_status, start_process, stop_child, wait_until_healthy
from pipelines.runtime.interpreter import MODULE
from pipelines.runtime.progress import is_terminal, print_line
from pipelines.web.credentials import basic_auth_header, read_credential
from pipelines.web.listening import LOOPBACK, host_and_port, listening_socket, reserve_port, socket_url
from pipelines.workspace.settings import Settings

__all__ = [
    "DidNotStart",
    "api",
    "prefect_credential_file",
    "prefect_for_command",
    "prefect_server",
    "process",
]


@contextmanager
def process(
    name: str, command: Sequence[str], settings: Settings, listener: socket.socket | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `command` in this context, in a process group of its own, with its output in `<home>/logs/<name>.log`.

    Processes that killed commands left behind in this home are stopped first. The child takes over the `listener`; its
    port stays reserved for this user until the end, even if the child dies.
    """
    logs = _logs(settings)
    sweep(logs)
    with reserve_port(*host_and_port(listener), listened=True) if listener else nullcontext():
        yield from _running(name, command, logs, listener)


def _running(
    name: str, command: Sequence[str], logs: Path, listener: socket.socket | None
) -> Iterator["subprocess.Popen[bytes]"]:
    child = start_process(name, command, logs, listener=listener)
    try:
        write_record(logs, name, child.pid)
        yield child
    finally:
        stop_child(child)
        record_file(logs, name, child.pid).unlink(missing_ok=True)


def _logs(settings: Settings) -> Path:
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    return logs


def prefect_credential(settings: Settings) -> str:
    """The secret of Prefect's API: the operator's own `PREFECT_API_AUTH_STRING`, or the line in the home's file."""
    return os.environ.get("PREFECT_API_AUTH_STRING") or read_credential(prefect_credential_file(settings.home))


def prefect_credential_file(home: Path) -> Path:
    """The file with the credential for Prefect's pages: user, colon, password."""
    return home / "prefect.auth"


@contextmanager
def prefect_server(
    settings: Settings,
    listener: Callable[[], socket.socket] = listening_socket,
    meanwhile: Callable[[], None] | None = None,
) -> Iterator[str]:
    """The address of Prefect's API: that of `PREFECT_API_URL`, or that of the server that this home's commands share.

    `listener` opens the socket of a new server; `meanwhile` is called while it starts.
    """
    if external := os.environ.get("PREFECT_API_URL"):
        _require_access(external)
        yield external
        return
    secret = prefect_credential(settings)
    with (
        shared_server(_logs(settings), secret, listener, meanwhile or _imports) as url,
        prefect_environment(url, secret),
    ):
        try:
            yield url
        finally:
            _flush_prefect()


def prefect_for_command(settings: Settings) -> AbstractContextManager[str]:
    """Prefect's server for a command, with lines for its start and stop if stderr is no terminal."""
    server = prefect_server(settings)
    return server if is_terminal() else with_progress("Prefect", server, print_line)


def _require_access(url: str) -> None:
    """Raises DidNotStart if an external Prefect asks for a missing secret; the home's secret is never sent to it."""
    own = os.environ.get("PREFECT_API_AUTH_STRING")
    if (
        "PREFECT_API_KEY" not in os.environ
        and http_status(f"{url}/admin/version", basic_auth_header(own) if own else {}) == 401
    ):
        raise DidNotStart(
            f"Prefect at {url} asks for a secret: set PREFECT_API_AUTH_STRING beside PREFECT_API_URL; for a server of"
            " `needloop up` it is the line in prefect.auth of its home"
        )


def _imports() -> None:
    """Import the modules of a command that runs flows."""
    import flows.training  # noqa: F401  imported early, while Prefect starts


def _flush_prefect() -> None:
    """Send Prefect's queued events and logs; at exit it would try for a minute to reach a stopped server."""
    if "prefect.events.worker" not in sys.modules:
        return
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogHandler

    APILogHandler().flush()
    EventsWorker.drain_all(timeout=5)


@contextmanager
def api(settings: Settings, host: str = LOOPBACK, listener: socket.socket | None = None) -> Iterator[str]:
    """The address of the service, once every champion is loaded."""
    listener = listener or listening_socket(host)
    url = socket_url(listener)
    command = [*MODULE, "pipelines.serving", "--host", host]
    with process("api", command, settings, listener) as child:
        wait_until_healthy(child, f"{url}/readyz", settings.home / "logs" / "api.log")
        yield url
