"""The record of a command that the console started: a file, which several services may read and write."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import psutil
from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field, ValidationError

LOST = -1  # the exit code of a command that ended while no service was watching it
WRITE_SECONDS = 0.3  # time for the process that saw a command end to write its exit code


class CommandRecord(BaseModel):
    """The file of one command; `process_started_at` (seconds since 1970) tells its process from a later one of its pid.

    The names in the file are older than those of the fields.
    """

    model_config = ConfigDict(populate_by_name=True)

    model: str
    command: Annotated[str, Field(alias="what")]
    started: datetime
    pid: int
    process_started_at: Annotated[float, Field(alias="born")]
    exit_code: Annotated[int | None, Field(alias="ended")] = None


def locked(file: Path) -> FileLock:
    """A lock against the other threads and processes that write this file."""
    return FileLock(file.with_suffix(".lock"))


def process_of(record: CommandRecord) -> tuple[int, float]:
    """The process of a command: its pid and its start, which distinguishes it from a later one of this pid."""
    return record.pid, record.process_started_at


def is_running(record: CommandRecord) -> bool:
    """True if the process of a command still runs."""
    try:
        process = psutil.Process(record.pid)
        # The kernel derives start times from the clock, so a correction of the clock moves them.
        same = abs(process.create_time() - record.process_started_at) < 2
        return bool(same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def read_record(file: Path) -> CommandRecord | None:
    """The record in a file; None if there is none that can be read."""
    try:
        return CommandRecord.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):  # the file is missing, or was edited by a person
        return None


def write_record(file: Path, record: CommandRecord) -> None:
    """Replace the record in a file atomically."""
    draft = file.with_suffix(".tmp")
    draft.write_text(record.model_dump_json(by_alias=True), encoding="utf-8")
    draft.replace(file)
