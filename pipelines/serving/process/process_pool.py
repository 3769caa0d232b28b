"""Several processes behind one address, each the whole service; this one only starts them, and ends with them.

Linux shares connections out among those that listen at one port (SO_REUSEPORT).
"""

import logging
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.runtime.interpreter import MODULE
from pipelines.web.listening import SHARING, place, reserve_port

log = logging.getLogger(__name__)

MEMBER = "--member"
LOOK_SECONDS, GRACE_SECONDS = 0.2, 5.0
# Whoever lives that long can live; if none ever did, none will. Who dies sooner is started anew after a pause.
STEADY_SECONDS, PAUSE_SECONDS = 5.0, 2.0


class NoSharing(RuntimeError):
    """A port that cannot be shared: on this system, or since others have it."""


@dataclass
class ProcessSlot:
    """One member, or the moment at which another takes its place."""

    process: "subprocess.Popen[bytes] | None"
    since: float


def serve(number: int, options: Sequence[str], listener: socket.socket, cache: Path) -> int:
    """Run so many members until SIGTERM or SIGINT, and start those anew that die; the exit code. Raises NoSharing.

    The first gets the socket that listens already, the others make their own at its port.
    """
    stopped, steady = _signals(), False
    host, port = place(listener)
    with _kept(listener), _counted(cache / "metrics" / str(port)) as counted:
        given = [*options, f"--host={host}", f"--port={port}"]
        with listener:
            seats = [_taken(given, counted, listener)]
        seats += [_taken(given, counted) for _ in range(1, number)]
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


def _seated(seat: ProcessSlot, options: Sequence[str], more: Mapping[str, str]) -> ProcessSlot:
    now = time.monotonic()
    if seat.process is None:
        return seat if now < seat.since else _taken(options, more)
    if (code := seat.process.poll()) is None:
        return seat
    log.error("a process of the service ended with code %d", code)
    return ProcessSlot(None, now if now - seat.since > STEADY_SECONDS else now + PAUSE_SECONDS)


def _taken(options: Sequence[str], more: Mapping[str, str], listener: socket.socket | None = None) -> ProcessSlot:
    """By a process that is tied to this one: it ends where this one is killed."""
    handed = [listener.fileno()] if listener else []
    command = [*MODULE, "pipelines.serving", MEMBER, "--tied", *options, *(f"--fd={one}" for one in handed)]
    member = subprocess.Popen(command, stdin=subprocess.PIPE, env=os.environ | more, pass_fds=handed)
    return ProcessSlot(member, time.monotonic())


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


def _kept(listener: socket.socket) -> socket.socket:
    """Holds the port while members come and go."""
    if not SHARING:
        raise NoSharing("NEEDLOOP_WORKERS needs Linux, where processes can share a port: leave it out")
    host, port = place(listener)
    try:
        return reserve_port(host, port, listened=True)
    except OSError as error:
        raise NoSharing(f"cannot share {host}:{port}: {error}; choose another --port or --host") from error


@contextmanager
def _counted(folder: Path) -> Iterator[dict[str, str]]:
    """Within, there is a folder in which members count, so that each can tell the sums."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
