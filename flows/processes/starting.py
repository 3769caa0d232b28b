"""How a process is started and waited for."""

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

from flows.processes.process_records import stop
from pipelines.web.listening import LOOPBACK, listening

NEIGHBOURS = 100  # ports tried after the usual one


class DidNotStart(RuntimeError):
    """A service that ended, or did not answer in time."""


class PortTaken(DidNotStart):
    """A port that was asked for belongs to another process."""


def open_port(wanted: int | None, usual: int, host: str = LOOPBACK) -> socket.socket:
    """A socket that listens at `wanted`, where 0 is any free port; without it at `usual`, or the next free one.

    Raises PortTaken, and DidNotStart where nobody may listen.
    """
    if wanted is not None:
        return _opened(host, wanted)
    for port in range(usual, usual + NEIGHBOURS):
        with suppress(PortTaken):
            return _opened(host, port)
    return _opened(host, 0)


def _opened(host: str, port: int) -> socket.socket:
    try:
        return listening(host, port)
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise PortTaken(f"port {port} of {host} is taken: choose another, or 0 for any free one") from error
        raise DidNotStart(f"cannot listen at {host}:{port}: {error}; choose another port or --host") from error


def started(
    name: str,
    command: Sequence[str],
    logs: Path,
    environment: Mapping[str, str] | None = None,
    listener: socket.socket | None = None,
) -> "subprocess.Popen[bytes]":
    """A process group of its own, its output in `<logs>/<name>.log`; `environment` is added to this process's own.

    `listener` is handed over as `--fd N` and closed here: where the child dies, nobody listens at its port.
    """
    handed = [listener.fileno()] if listener else []
    with (logs / f"{name}.log").open("ab") as output, listener or nullcontext():
        return subprocess.Popen(
            [*command, *(f"--fd={descriptor}" for descriptor in handed)],
            pass_fds=handed,
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def reaped(child: "subprocess.Popen[bytes]") -> None:
    """Stop a child and all of its group."""
    stop(child.pid)
    child.wait()


def healthy(child: "subprocess.Popen[bytes]", url: str, log: Path, patience: float = 180) -> None:
    """Wait until `url` answers 200; raises DidNotStart with the last line of the log."""
    settled(child, lambda: answers(url), log, patience)


def settled(child: "subprocess.Popen[bytes]", ready: Callable[[], bool], log: Path, patience: float = 180) -> None:
    """Wait until a started process is `ready`; raises DidNotStart with the last line of its log."""
    if came(ready, lambda: child.poll() is None, patience):
        return
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
    raise DidNotStart(f"{log.stem} did not start; its log {log} ends: {(said or ['nothing'])[-1]}")


def answers(url: str, headers: Mapping[str, str] | None = None) -> bool:
    """Whether it says 200 now."""
    return status(url, headers) == 200


def status(url: str, headers: Mapping[str, str] | None = None) -> int | None:
    """What it says now; None if nothing."""
    with suppress(httpx.TransportError):
        return _client().get(url, headers=headers).status_code
    return None


@cache
def _client() -> httpx.Client:
    """One for every question, as to make one takes 60 ms; it keeps no connection, as servers come and go."""
    return httpx.Client(timeout=5, limits=httpx.Limits(max_keepalive_connections=0))


def came(ready: Callable[[], bool], runs: Callable[[], bool], patience: float) -> bool:
    """Whether something became `ready` while it `runs`, within so many seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and runs():
        if ready():
            return True
        time.sleep(0.2)
    return False
