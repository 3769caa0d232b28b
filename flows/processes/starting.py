"""Start a child process, wait until it is ready, and stop it."""

import errno
import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from functools import cache
from pathlib import Path

import httpx

from flows.processes.process_records import stop_group
from pipelines.web.listening import LOOPBACK, listening_socket

NEIGHBOURS = 100  # ports that are tried after the default one


class DidNotStart(RuntimeError):
    """A service ended, or did not answer in time."""


class PortTaken(DidNotStart):
    """Another process listens at a port that the user named."""


def open_port(port: int | None, default: int, host: str = LOOPBACK) -> socket.socket:
    """A socket that listens at `port` (0: any free port); without a port at `default` or the next free one.

    Raises PortTaken, or DidNotStart if listening is not permitted.
    """
    if port is not None:
        return _listen(host, port)
    for candidate in range(default, default + NEIGHBOURS):
        with suppress(PortTaken):
            return _listen(host, candidate)
    return _listen(host, 0)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return listening_socket(host, port)
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise PortTaken(f"port {port} of {host} is taken: choose another, or 0 for any free one") from error
        raise DidNotStart(f"cannot listen at {host}:{port}: {error}; choose another port or --host") from error


def start_process(
    name: str,
    command: Sequence[str],
    logs: Path,
    environment: Mapping[str, str] | None = None,
    listener: socket.socket | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a command in a process group of its own, with its output in `<logs>/<name>.log`.

    `environment` is added to that of this process. `listener` is handed over as `--fd N` and closed here, so that
    nobody listens at its port if the child dies.
    """
    descriptors = [listener.fileno()] if listener else []
    with (logs / f"{name}.log").open("ab") as output, listener or nullcontext():
        return subprocess.Popen(
            [*command, *(f"--fd={descriptor}" for descriptor in descriptors)],
            pass_fds=descriptors,
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def stop_child(child: "subprocess.Popen[bytes]") -> None:
    """Stop a child and its process group, and wait for its end."""
    stop_group(child.pid)
    child.wait()


def wait_until_healthy(child: "subprocess.Popen[bytes]", url: str, log: Path, timeout: float = 180) -> None:
    """Wait up to `timeout` seconds until `url` answers 200; raises DidNotStart with the last line of the log."""
    wait_until_ready(child, lambda: answers_ok(url), log, timeout)


def wait_until_ready(
    child: "subprocess.Popen[bytes]", ready: Callable[[], bool], log: Path, timeout: float = 180
) -> None:
    """Wait up to `timeout` seconds until a process is `ready`; raises DidNotStart with the last line of its log."""
    if wait_for(ready, lambda: child.poll() is None, timeout):
        return
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
    raise DidNotStart(f"{log.stem} did not start; its log {log} ends: {(lines or ['nothing'])[-1]}")


def answers_ok(url: str, headers: Mapping[str, str] | None = None) -> bool:
    """True if the URL answers 200."""
    return http_status(url, headers) == 200


def http_status(url: str, headers: Mapping[str, str] | None = None) -> int | None:
    """The HTTP status of the URL; None if nothing answers."""
    with suppress(httpx.TransportError):
        return _client().get(url, headers=headers).status_code
    return None


@cache
def _client() -> httpx.Client:
    """One client for all requests, since making one takes 60 ms. It keeps no connections, as servers start and stop."""
    return httpx.Client(timeout=5, limits=httpx.Limits(max_keepalive_connections=0))


def wait_for(ready: Callable[[], bool], is_running: Callable[[], bool], timeout: float) -> bool:
    """True if `ready` became true within `timeout` seconds, while the process was running."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and is_running():
        if ready():
            return True
        time.sleep(0.2)
    return False
