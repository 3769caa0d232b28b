"""How a process is started and waited for."""

import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from flows.orphans import stop


class DidNotStart(RuntimeError):
    """A service that ended, or did not answer in time."""


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(name: str, command: Sequence[str], logs: Path) -> "subprocess.Popen[bytes]":
    """A process group of its own, its output in `<logs>/<name>.log`."""
    with (logs / f"{name}.log").open("ab") as output:
        return subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
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


def answers(url: str) -> bool:
    """Whether it says 200 now."""
    with suppress(httpx.TransportError):
        return httpx.get(url, timeout=5).status_code == 200
    return False


def came(ready: Callable[[], bool], runs: Callable[[], bool], patience: float) -> bool:
    """Whether something became `ready` while it `runs`, within so many seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and runs():
        if ready():
            return True
        time.sleep(0.2)
    return False
