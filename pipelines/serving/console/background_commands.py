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

import psutil

from pipelines.runtime.interpreter import MODULE
from pipelines.serving.console.command_record import (
    LOST,
    WRITE_SECONDS,
    CommandRecord,
    is_running,
    locked,
    process_of,
    read_record,
    write_record,
)

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
COMMAND = (*MODULE, "flows.commands")


class Busy(RuntimeError):
    """Another command for this model is still running."""


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
        with locked(file):
            last = read_record(file)
            if last and last.exit_code is None and is_running(last):
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
            write_record(file, record)
        Thread(target=_wait, args=(process, file, record), name=f"{command} {model}", daemon=True).start()
        return BackgroundCommand(record, file.with_suffix(".log"))


def _wait(process: psutil.Popen, file: Path, record: CommandRecord) -> None:
    exit_code = process.wait()
    with locked(file):
        current = read_record(file)
        if current and process_of(current) == process_of(record):  # else the file is about the next command
            write_record(file, record.model_copy(update={"exit_code": exit_code}))


def _load(file: Path) -> BackgroundCommand | None:
    record = read_record(file)
    if record and record.exit_code is None and not is_running(record):
        time.sleep(WRITE_SECONDS)
        with locked(file):
            if read_record(file) == record:
                write_record(file, record.model_copy(update={"exit_code": LOST}))
            record = read_record(file)
    return BackgroundCommand(record, file.with_suffix(".log")) if record else None
