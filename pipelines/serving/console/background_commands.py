"""Commands that people start from the console: each is a process, with one command at a time for each model.

They are recorded in files, because the service may be several processes and may restart meanwhile.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Annotated

import psutil
from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.runtime.interpreter import MODULE

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
COMMAND = (*MODULE, "flows.commands")
LOST = -1  # the exit code of a command that ended while no service was watching it
WRITE_SECONDS = 0.3  # time for the process that saw a command end to write its exit code


class Busy(RuntimeError):
    """Another command for this model is still running."""


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


@dataclass(frozen=True)
class BackgroundCommand:
    """A command and the log file with its output."""

    record: CommandRecord
    log: Path

    @property
    def exit_code(self) -> int | None:
        """0 done, 3 refused by the gate, LOST unknown, any other number failed; None while it runs."""
        return self.record.exit_code

    @property
    def error(self) -> str:
        """The last line of the output of a command that failed; empty for any other."""
        if self.exit_code in (None, 0, 3):
            return ""
        if self.exit_code == LOST:
            return "the service did not see how it ended; the ledger has the result"
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:  # a person may have deleted it
            return f"{self.log} is missing"
        return lines[-1].strip() if lines else ""


class BackgroundCommands:
    """The last command for each model, recorded in the folder of the logs."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs

    def commands(self) -> Iterator[BackgroundCommand]:
        """The last command for each model, in its present state."""
        for file in sorted(self._logs.glob("console-*.json")):
            if command := _load(file):
                yield command

    def start(self, model: str, command: str, *options: str) -> BackgroundCommand:
        """Start `needloop COMMAND MODEL` in the background. Raises Busy.

        If only this service is stopped, the command runs on to its end, and the ledger has the result.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        file = self._logs / f"console-{model}.json"
        with _lock(file):
            last = _read_record(file)
            if last and last.exit_code is None and _is_running(last):
                raise Busy(f"{last.command} of {model!r} is still running: try again when it has ended")
            with file.with_suffix(".log").open("wb") as output:
                # The command must not write its counts into the metrics of this service.
                environment = {name: value for name, value in os.environ.items() if name != METRICS_FOLDER}
                arguments = [*COMMAND, command, model, *options]
                process = psutil.Popen(
                    arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
                )
            record = CommandRecord(
                model=model,
                command=command,
                started=datetime.now(UTC),
                pid=process.pid,
                process_started_at=process.create_time(),
            )
            _write(file, record)
        Thread(target=_wait, args=(process, file, record), name=f"{command} {model}", daemon=True).start()
        return BackgroundCommand(record, file.with_suffix(".log"))


def _lock(file: Path) -> FileLock:
    """A lock against the other threads and processes that write this file."""
    return FileLock(file.with_suffix(".lock"))


def _wait(process: psutil.Popen, file: Path, record: CommandRecord) -> None:
    exit_code = process.wait()
    with _lock(file):
        current = _read_record(file)
        if current and _process(current) == _process(record):  # else the file is about the next command
            _write(file, record.model_copy(update={"exit_code": exit_code}))


def _process(record: CommandRecord) -> tuple[int, float]:
    return record.pid, record.process_started_at


def _is_running(record: CommandRecord) -> bool:
    try:
        process = psutil.Process(record.pid)
        # The kernel derives start times from the clock, so a correction of the clock moves them.
        same = abs(process.create_time() - record.process_started_at) < 2
        return bool(same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _load(file: Path) -> BackgroundCommand | None:
    record = _read_record(file)
    if record and record.exit_code is None and not _is_running(record):
        time.sleep(WRITE_SECONDS)
        with _lock(file):
            if _read_record(file) == record:
                _write(file, record.model_copy(update={"exit_code": LOST}))
            record = _read_record(file)
    return BackgroundCommand(record, file.with_suffix(".log")) if record else None


def _read_record(file: Path) -> CommandRecord | None:
    try:
        return CommandRecord.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):  # the file is missing, or was edited by a person
        return None


def _write(file: Path, record: CommandRecord) -> None:
    draft = file.with_suffix(".tmp")
    draft.write_text(record.model_dump_json(by_alias=True), encoding="utf-8")
    draft.replace(file)
