"""The Prefect server that the commands of a home share: the first starts it, the last stops it."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from filelock import FileLock

from flows.processes.process_records import (
    ProcessRecord,
    has_users,
    identity,
    is_alive,
    mark_user,
    read_records,
    record_file,
    stop_recorded,
    sweep,
    write_record,
)
from flows.processes.starting import DidNotStart, answers_ok, start_process, stop_child, wait_for, wait_until_healthy
from pipelines.runtime.interpreter import MODULE
from pipelines.web.credentials import basic_auth_header
from pipelines.web.listening import host_and_port, reserve_port


@contextmanager
def shared_server(
    logs: Path, secret: str, listener: Callable[[], socket.socket], meanwhile: Callable[[], None]
) -> Iterator[str]:
    """The address of the home's server; `listener` opens a new server's socket, `meanwhile` is called as it starts.

    In this context its port is reserved for this user, so that no other user's process there receives the secret.
    """
    lock = FileLock(logs / "prefect.lock")
    with ExitStack() as reservations:
        with lock:
            sweep(logs)
            server = _running(logs, secret, reservations) or _start_server(
                logs, secret, listener, meanwhile, reservations
            )
            marker = mark_user(logs, "prefect")
        try:
            yield server.url
        finally:
            with lock:
                marker.unlink(missing_ok=True)
                if not has_users(logs, "prefect"):
                    _stop_server(server, logs)


def _running(logs: Path, secret: str, reservations: ExitStack) -> ProcessRecord | None:
    """The server that another command of this home started; raises DidNotStart if it hangs or has another secret."""
    for _file, server in read_records(logs, "prefect.*"):
        pid = server.child.pid
        if not is_alive(server.child):
            continue
        reservations.enter_context(_reserve_port(server))
        if wait_for(lambda: answers_ok(f"{server.url}/health"), lambda: is_alive(server.child), 60):  # noqa: B023  called before the loop goes on
            if not _checks_secret(secret, server.url):
                raise DidNotStart(
                    f"the Prefect server of this home (process {pid}) does not ask for the secret that this command has"
                    ": end the command that started it, or give this one its PREFECT_API_AUTH_STRING"
                )
            return server
        if is_alive(server.child):
            raise DidNotStart(f"the Prefect server of this home does not answer; end it (kill {pid}) and try again")
    return None


def _reserve_port(server: ProcessRecord) -> socket.socket:
    """Reserve the port of a server for this user; raises DidNotStart if another user's process listens there."""
    url = httpx.URL(server.url)
    try:
        return reserve_port(url.host, url.port or 0)
    except OSError as error:
        raise DidNotStart(
            f"the port of this home's Prefect server ({url.netloc.decode()}) is not its own: another user's process or"
            f" an older server listens there; end it (kill {server.child.pid}) and try again"
        ) from error


def _checks_secret(secret: str, url: str) -> bool:
    """True if a server accepts requests with the secret and refuses those without it."""
    version = f"{url}/admin/version"
    return not answers_ok(version) and answers_ok(version, basic_auth_header(secret))


def _start_server(
    logs: Path, secret: str, choose: Callable[[], socket.socket], meanwhile: Callable[[], None], reservations: ExitStack
) -> ProcessRecord:
    listener = choose()
    host, port = host_and_port(listener)
    reservations.enter_context(reserve_port(host, port, listened=True))
    command = [*MODULE, "flows.processes.prefect_server"]
    child = start_process("prefect", command, logs, _environment(port, secret), listener)
    try:
        with prefect_environment(f"http://{host}:{port}/api", secret) as url:
            write_record(logs, "prefect", child.pid, url)
            meanwhile()  # runs while the server starts
            wait_until_healthy(child, f"{url}/health", logs / "prefect.log")
            # The last command that uses the server stops it, so this process no longer waits for it.
            child.returncode = 0
            return ProcessRecord(identity(child.pid), identity(os.getpid()), url)
    except BaseException:
        stop_child(child)
        record_file(logs, "prefect", child.pid).unlink(missing_ok=True)
        raise


def _stop_server(server: ProcessRecord, logs: Path) -> None:
    """Stop the used server, even if its record is lost, and any server that was started in its place."""
    stop_recorded(server)
    for file, record in read_records(logs, "prefect.*"):
        stop_recorded(record)
        file.unlink(missing_ok=True)


def _environment(port: int, credential: str) -> dict[str, str]:
    """The environment of the server: its credential, and the address of its API for its pages.

    The address has no host, so the pages work on every port, through a tunnel and behind a proxy.
    """
    defaults = {
        "PREFECT_SERVER_UI_API_URL": "/api",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{port},http://localhost:{port}",
    }
    if "PREFECT_UI_API_URL" in os.environ:  # an older name of the first setting
        del defaults["PREFECT_SERVER_UI_API_URL"]
    own = {name: os.environ[name] for name in defaults if name in os.environ}
    return defaults | own | {"PREFECT_SERVER_API_AUTH_STRING": credential}


@contextmanager
def prefect_environment(url: str, secret: str) -> Iterator[str]:
    """In this context, Prefect in this process and its children uses `url` and sends the secret."""
    names = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING")
    before = {name: os.environ[name] for name in names if name in os.environ}
    os.environ.update(zip(names, (url, secret), strict=True))
    try:
        yield url
    finally:
        for name in names:
            del os.environ[name]
        os.environ.update(before)
