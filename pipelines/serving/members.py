"""Several processes behind one address, each the whole service; this one only starts them, and ends with them.

The system shares connections out among those that listen at one port (SO_REUSEPORT; Linux does so evenly).
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
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

log = logging.getLogger(__name__)

MEMBER = "--member"
LOOK_SECONDS, GRACE_SECONDS = 0.2, 5.0
# Who does not live that long never will.
STEADY_SECONDS = 5.0


class NoSharing(RuntimeError):
    """A system on which no two processes can listen at one port."""


def serve(number: int, options: Sequence[str], address: tuple[str, int], family: int, cache: Path) -> int:
    """Run so many members until SIGTERM or SIGINT, and start those anew that die; the exit code. Raises NoSharing."""
    stopped = _signals()
    with _reserved(address, family) as port, _counted(cache / "metrics" / str(port)) as counted:
        members = [_member([*options, f"--port={port}"], counted) for _ in range(number)]
        try:
            while not stopped:
                time.sleep(LOOK_SECONDS)
                for place, (member, since) in enumerate(members):
                    if (code := member.poll()) is None or stopped:
                        continue
                    log.error("a process of the service ended with code %d", code)
                    if time.monotonic() - since < STEADY_SECONDS:
                        return 1
                    mark_process_dead(member.pid, counted["PROMETHEUS_MULTIPROC_DIR"])  # type: ignore[no-untyped-call]  # it has no types
                    members[place] = _member([*options, f"--port={port}"], counted)
        finally:
            _end([member for member, _ in members])
    return 0


def _member(options: Sequence[str], more: Mapping[str, str]) -> tuple["subprocess.Popen[bytes]", float]:
    """One of them, tied to this process: it ends where this one is killed."""
    command = [sys.executable, "-m", "pipelines.serving", MEMBER, "--tied", *options]
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=os.environ | more), time.monotonic()


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


@contextmanager
def _reserved(address: tuple[str, int], family: int) -> Iterator[int]:
    """Within, the port is taken, and members may share it."""
    if not hasattr(socket, "SO_REUSEPORT"):
        raise NoSharing("NEEDLOOP_WORKERS needs a system whose processes can share a port: Linux")
    with socket.socket(family) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(address)
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
