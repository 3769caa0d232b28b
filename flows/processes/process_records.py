"""Records of started processes in `<home>/logs`, so that what a killed command left behind is found and stopped."""

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
    """A process id and when it began, in seconds since 1970: the pair is never used twice."""

    pid: int
    began: float


@dataclass(frozen=True)
class Record:
    """A process that was started, who started it, and the address at which others may use it."""

    child: Identity
    parent: Identity
    url: str = ""


def identity(pid: int) -> Identity:
    """Raises psutil.NoSuchProcess."""
    return Identity(pid, psutil.Process(pid).create_time())


def alive(who: Identity) -> bool:
    """Whether that very process still runs; a zombie does not."""
    with suppress(psutil.NoSuchProcess):
        found = psutil.Process(who.pid)
        # The clock's corrections move the beginnings that the kernel reports.
        return bool(abs(found.create_time() - who.began) < 2 and found.status() != psutil.STATUS_ZOMBIE)
    return False


def record_file(logs: Path, name: str, pid: int) -> Path:
    """Where a process is noted while it runs."""
    return logs / f"{name}.{pid}.process.json"


def recorded(logs: Path, name: str, pid: int, url: str = "") -> Path:
    """Note a child of this process."""
    return _written(record_file(logs, name, pid), Record(identity(pid), identity(os.getpid()), url))


def records(logs: Path, name: str = "*") -> Iterator[tuple[Path, Record]]:
    """Every legible record of that name; a torn one is removed."""
    for file in logs.glob(f"{name}.process.json"):
        if found := _read(file, Record):
            yield file, found
        else:
            file.unlink(missing_ok=True)


def joined(logs: Path, name: str) -> Path:
    """Note that this process uses a shared service; remove the file to leave."""
    return _written(logs / f"{name}.{os.getpid()}.user.json", identity(os.getpid()))


def used(logs: Path, name: str) -> bool:
    """Whether a live process uses the shared service."""
    return any([_held(file) for file in logs.glob(f"{name}.*.user.json")])  # noqa: C419  all of them are tidied


def _held(marker: Path) -> bool:
    user = _read(marker, Identity)
    if user and alive(user):
        return True
    marker.unlink(missing_ok=True)
    return False


def sweep(logs: Path) -> None:
    """Stop every process that outlived its parent and all its users; forget those that ended."""
    for file, record in records(logs):
        if not (alive(record.parent) or used(logs, file.name.split(".")[0])):
            ended(record)
        if not alive(record.child):
            file.unlink(missing_ok=True)


def ended(record: Record) -> None:
    """Stop the recorded process and its group, if it is still that process."""
    if alive(record.child):
        stop(record.child.pid)
        with suppress(ChildProcessError):  # it may be ours to bury
            os.waitpid(record.child.pid, os.WNOHANG)


def stop(group: int) -> None:
    """Ask a process group to end, then make it."""
    for wanted, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        with suppress(ProcessLookupError):
            os.killpg(group, wanted)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and _members(group):
            time.sleep(0.1)


def _members(group: int) -> bool:
    """Whether a process of the group still runs; zombies do not."""
    for found in psutil.process_iter(["status"]):
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getpgid(found.pid) == group and found.info["status"] != psutil.STATUS_ZOMBIE:
                return True
    return False


def _written(file: Path, value: Record | Identity) -> Path:
    """Whole or not at all: a reader never sees half of it."""
    draft = file.with_suffix(f".{os.getpid()}.draft")
    draft.write_bytes(TypeAdapter(type(value)).dump_json(value))
    return draft.replace(file)


def _read(file: Path, kind: type[Kind]) -> Kind | None:
    with suppress(FileNotFoundError, ValidationError):
        return TypeAdapter(kind).validate_json(file.read_bytes())
    return None
