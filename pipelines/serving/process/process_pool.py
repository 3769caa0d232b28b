"""A pool of worker processes behind one address, each the whole service; this process starts and ends them.

Linux distributes connections among the processes that listen on one port (SO_REUSEPORT).
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
from pipelines.web.listening import CAN_SHARE_PORTS, host_and_port, reserve_port

log = logging.getLogger(__name__)

MEMBER = "--member"
POLL_SECONDS, GRACE_SECONDS = 0.2, 5.0
# A process that lived this long is healthy; one that ends sooner is restarted after a pause. If no process ever lived
# this long, the pool gives up.
STEADY_SECONDS, PAUSE_SECONDS = 5.0, 2.0


class PortSharingError(RuntimeError):
    """The port cannot be shared: the system does not support it, or another process has the port."""


@dataclass
class ProcessSlot:
    """A worker process with its start time, or None with the time of its restart; `since` is monotonic, in seconds."""

    process: "subprocess.Popen[bytes] | None"
    since: float


def serve(number: int, options: Sequence[str], listener: socket.socket, cache: Path) -> int:
    """Run `number` worker processes until SIGTERM or SIGINT, and restart those that die; returns the exit code.

    The first inherits the listening socket, the others open their own on its port. Raises PortSharingError.
    """
    stopped, steady = _signals(), False
    host, port = host_and_port(listener)
    with _reserved(listener), _metrics_folder(cache / "metrics" / str(port)) as environment:
        arguments = [*options, f"--host={host}", f"--port={port}"]
        with listener:
            slots = [_start(arguments, environment, listener)]
        slots += [_start(arguments, environment) for _ in range(1, number)]
        try:
            while not stopped:
                time.sleep(POLL_SECONDS)
                now = time.monotonic()
                steady = steady or any(slot.process and now - slot.since > STEADY_SECONDS for slot in slots)
                slots = [_supervise(slot, arguments, environment) for slot in slots]
                if not steady and any(slot.process is None for slot in slots):
                    return 1
        finally:
            _end([slot.process for slot in slots if slot.process])
    return 0


def _supervise(slot: ProcessSlot, arguments: Sequence[str], environment: Mapping[str, str]) -> ProcessSlot:
    now = time.monotonic()
    if slot.process is None:
        return slot if now < slot.since else _start(arguments, environment)
    if (code := slot.process.poll()) is None:
        return slot
    log.error("a worker process of the service ended with exit code %d", code)
    return ProcessSlot(None, now if now - slot.since > STEADY_SECONDS else now + PAUSE_SECONDS)


def _start(
    arguments: Sequence[str], environment: Mapping[str, str], listener: socket.socket | None = None
) -> ProcessSlot:
    """Start a worker process that ends when this process is killed."""
    descriptors = [listener.fileno()] if listener else []
    sockets = [f"--fd={descriptor}" for descriptor in descriptors]
    command = [*MODULE, "pipelines.serving", MEMBER, "--tied", *arguments, *sockets]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=os.environ | environment, pass_fds=descriptors)
    return ProcessSlot(process, time.monotonic())


def _end(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    for process in processes:
        process.terminate()
    end = time.monotonic() + GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _signals() -> list[int]:
    """The received stop signals: an empty list that a signal handler appends to."""
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: stopped.append(number))
    return stopped


def _reserved(listener: socket.socket) -> socket.socket:
    """A socket that reserves the port between restarts of worker processes. Raises PortSharingError."""
    if not CAN_SHARE_PORTS:
        raise PortSharingError("NEEDLOOP_WORKERS above 1 needs Linux, where processes can share a port: unset it")
    host, port = host_and_port(listener)
    try:
        return reserve_port(host, port, listened=True)
    except OSError as error:
        raise PortSharingError(f"cannot share {host}:{port}: {error}; choose another --port or --host") from error


@contextmanager
def _metrics_folder(folder: Path) -> Iterator[dict[str, str]]:
    """Context of a folder in which the worker processes share their metrics; yields its environment variable."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
