"""Records of started processes in `<home>/logs`, by which later commands stop the processes of a killed one."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import psutil
from pydantic import TypeAdapter, ValidationError

Kind = TypeVar("Kind")


class Identity(NamedTuple):
    """A process id and its start time in seconds since 1970; the pair identifies a process for ever."""

    pid: int
    began: float


@dataclass(frozen=True)
class ProcessRecord:
    """A started process, its parent, and the address at which other commands may use it."""

    child: Identity
    parent: Identity
    url: str = ""


def identity(pid: int) -> Identity:
    """The identity of a running process; raises psutil.NoSuchProcess."""
    return Identity(pid, psutil.Process(pid).create_time())


def is_alive(process: Identity) -> bool:
    """True if exactly this process still runs; False for a zombie."""
    with suppress(psutil.NoSuchProcess):
        current = psutil.Process(process.pid)
        # Corrections of the clock move the start times that the kernel reports.
        return bool(abs(current.create_time() - process.began) < 2 and current.status() != psutil.STATUS_ZOMBIE)
    return False


def record_file(logs: Path, name: str, pid: int) -> Path:
    """The file that records a process while it runs."""
    return logs / f"{name}.{pid}.process.json"


def write_record(logs: Path, name: str, pid: int, url: str = "") -> Path:
    """Record a child of this process; return the file."""
    return _write(record_file(logs, name, pid), ProcessRecord(identity(pid), identity(os.getpid()), url))


def read_records(logs: Path, name: str = "*") -> Iterator[tuple[Path, ProcessRecord]]:
    """Every readable record of this name; remove unreadable files."""
    for file in logs.glob(f"{name}.process.json"):
        if record := _read(file, ProcessRecord):
            yield file, record
        else:
            file.unlink(missing_ok=True)


def mark_user(logs: Path, name: str) -> Path:
    """Mark this process as a user of a shared service; return the file, which the process removes when it leaves."""
    return _write(logs / f"{name}.{os.getpid()}.user.json", identity(os.getpid()))


def has_users(logs: Path, name: str) -> bool:
    """True if a live process uses the shared service; remove the markers of others."""
    return any([_is_used(file) for file in logs.glob(f"{name}.*.user.json")])  # noqa: C419  a list, so that every stale marker is removed


def _is_used(marker: Path) -> bool:
    user = _read(marker, Identity)
    if user and is_alive(user):
        return True
    marker.unlink(missing_ok=True)
    return False


def sweep(logs: Path) -> None:
    """Stop every process that outlived its parent and all its users; remove the records of ended ones."""
    for file, record in read_records(logs):
        if not (is_alive(record.parent) or has_users(logs, file.name.split(".")[0])):
            stop_recorded(record)
        if not is_alive(record.child):
            file.unlink(missing_ok=True)


def stop_recorded(record: ProcessRecord) -> None:
    """Stop the recorded process and its group, if it is still that process."""
    if is_alive(record.child):
        stop_group(record.child.pid)
        with suppress(ChildProcessError):  # raised unless it is a child of this process
            os.waitpid(record.child.pid, os.WNOHANG)


def stop_group(group: int) -> None:
    """Send SIGTERM to a process group, and SIGKILL after 10 seconds."""
    for number, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        with suppress(ProcessLookupError):
            os.killpg(group, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and _has_running_process(group):
            time.sleep(0.1)


def _has_running_process(group: int) -> bool:
    """True if a process of the group still runs; zombies do not count."""
    for process in psutil.process_iter(["status"]):
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getpgid(process.pid) == group and process.info["status"] != psutil.STATUS_ZOMBIE:
                return True
    return False


def _write(file: Path, value: ProcessRecord | Identity) -> Path:
    """Write a file atomically, so that a reader never sees a part of it."""
    draft = file.with_suffix(f".{os.getpid()}.draft")
    draft.write_bytes(TypeAdapter(type(value)).dump_json(value))
    return draft.replace(file)


def _read(file: Path, kind: type[Kind]) -> Kind | None:
    with suppress(FileNotFoundError, ValidationError):
        return TypeAdapter(kind).validate_json(file.read_bytes())
    return None
