"""Several processes behind one address, each the whole service; this one only starts them, and ends with them.

Linux shares connections out among those that listen at one port (SO_REUSEPORT).
"""

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

MEMBER = "--member"
LOOK_SECONDS, GRACE_SECONDS = 0.2, 5.0
# Whoever lives that long can live; if none ever did, none will. Who dies sooner is started anew after a pause.
STEADY_SECONDS, PAUSE_SECONDS = 5.0, 2.0


class NoSharing(RuntimeError):
    """A port that cannot be shared: on this system, or since others have it."""


@dataclass
class Seat:
    """One member, or the moment at which another takes its place."""

    process: "subprocess.Popen[bytes] | None"
    since: float


def serve(number: int, options: Sequence[str], address: tuple[Any, ...], family: int, cache: Path) -> int:
    """Run so many members until SIGTERM or SIGINT, and start those anew that die; the exit code. Raises NoSharing."""
    stopped, steady = _signals(), False
    with _reserved(address, family) as port, _counted(cache / "metrics" / str(port)) as counted:
        given = [*options, f"--port={port}"]
        seats = [_taken(given, counted) for _ in range(number)]
        try:
            while not stopped:
                time.sleep(LOOK_SECONDS)
                now = time.monotonic()
                steady = steady or any(seat.process and now - seat.since > STEADY_SECONDS for seat in seats)
                seats = [_seated(seat, given, counted) for seat in seats]
                if not steady and any(seat.process is None for seat in seats):
                    return 1
        finally:
            _end([seat.process for seat in seats if seat.process])
    return 0


def _seated(seat: Seat, options: Sequence[str], more: Mapping[str, str]) -> Seat:
    now = time.monotonic()
    if seat.process is None:
        return seat if now < seat.since else _taken(options, more)
    if (code := seat.process.poll()) is None:
        return seat
    log.error("a process of the service ended with code %d", code)
    return Seat(None, now if now - seat.since > STEADY_SECONDS else now + PAUSE_SECONDS)


def _taken(options: Sequence[str], more: Mapping[str, str]) -> Seat:
    """By a process that is tied to this one: it ends where this one is killed."""
    command = [sys.executable, "-m", "pipelines.serving", MEMBER, "--tied", *options]
    return Seat(subprocess.Popen(command, stdin=subprocess.PIPE, env=os.environ | more), time.monotonic())


def _end(members: Sequence["subprocess.Popen[bytes]"]) -> None:
    for member in members:
        member.terminate()
    end = time.monotonic() + GRACE_SECONDS
    for member in members:
        try:
            member.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            member.kill()
            member.wait()


def _signals() -> list[int]:
    """Empty until one of them comes."""
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: stopped.append(number))
    return stopped


def bound(address: tuple[Any, ...], family: int) -> socket.socket:
    """A socket at a port that others share. It does not listen yet: who does gets its part of what comes."""
    taken = socket.socket(family)
    for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        taken.setsockopt(socket.SOL_SOCKET, option, 1)
    if family == socket.AF_INET6:
        taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        taken.bind(address)
    except OSError:
        taken.close()
        raise
    return taken


@contextmanager
def _reserved(address: tuple[Any, ...], family: int) -> Iterator[int]:
    """Within, the port is taken, and members may share it."""
    if sys.platform != "linux":
        raise NoSharing("NEEDLOOP_WORKERS needs Linux, where processes can share a port: leave it out")
    try:
        taken = bound(address, family)
    except OSError as error:
        raise NoSharing(f"cannot share {address[0]}:{address[1]}: {error}; choose another --port or --host") from error
    with taken:
        yield taken.getsockname()[1]


@contextmanager
def _counted(folder: Path) -> Iterator[dict[str, str]]:
    """Within, there is a folder in which members count, so that each can tell the sums."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
