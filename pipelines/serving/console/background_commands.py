"""Commands that people started from the console: each a process of its own, one at a time for a model.

They are noted in files, for the service may be several processes, and may be started again meanwhile.
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
from filelock import FileLock
from pydantic import BaseModel, ValidationError

from pipelines.runtime.interpreter import MODULE

COUNTED = "PROMETHEUS_MULTIPROC_DIR"
COMMAND = (*MODULE, "flows.commands")
LOST = -1  # the exit code of a command whose end nobody saw
MOMENT_SECONDS = 0.3  # until whoever saw it has noted it


class Busy(RuntimeError):
    """A model that something is already being done with."""


class Note(BaseModel):
    """What is written down of a command; `born` tells its process from others of that number."""

    model: str
    what: str
    started: datetime
    pid: int
    born: float
    ended: int | None = None


@dataclass(frozen=True)
class Task:
    """A command, its output in a log."""

    note: Note
    log: Path

    @property
    def code(self) -> int | None:
        """0 done, 3 refused by the gate, LOST not known, anything else failed; none while it runs."""
        return self.note.ended

    @property
    def said(self) -> str:
        """The last line, where it failed."""
        if self.code in (None, 0, 3):
            return ""
        if self.code == LOST:
            return "nobody saw how it ended; the ledger tells what came of it"
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:  # people tidy up
            return f"{self.log} is gone"
        return lines[-1].strip() if lines else ""


class BackgroundCommands:
    """The last command for each model, in the folder of the logs."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs

    def tasks(self) -> Iterator[Task]:
        """Each as it is now."""
        for file in sorted(self._logs.glob("console-*.json")):
            if task := _read(file):
                yield task

    def start(self, model: str, what: str, *options: str) -> Task:
        """Start `needloop WHAT MODEL` in the background. Raises Busy.

        Where this service alone is stopped it goes on to its end, and the ledger tells how that was.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        file = self._logs / f"console-{model}.json"
        with _alone(file):
            before = _noted(file)
            if before and before.ended is None and _runs(before):
                raise Busy(f"{before.what} of {model!r} is under way: wait until it has ended")
            with file.with_suffix(".log").open("wb") as output:
                # What it counts is not what this service counts.
                surroundings = {name: value for name, value in os.environ.items() if name != COUNTED}
                command = [*COMMAND, what, model, *options]
                process = psutil.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=surroundings
                )
            note = Note(model=model, what=what, started=datetime.now(UTC), pid=process.pid, born=process.create_time())
            _write(file, note)
        Thread(target=_watch, args=(process, file, note), name=f"{what} {model}", daemon=True).start()
        return Task(note, file.with_suffix(".log"))


def _alone(file: Path) -> FileLock:
    """No other thread and no other process writes it within."""
    return FileLock(file.with_suffix(".lock"))


def _watch(process: psutil.Popen, file: Path, note: Note) -> None:
    code = process.wait()
    with _alone(file):
        now = _noted(file)
        if now and (now.pid, now.born) == (note.pid, note.born):  # else it is about the next one
            _write(file, note.model_copy(update={"ended": code}))


def _runs(note: Note) -> bool:
    try:
        process = psutil.Process(note.pid)
        # The clock's corrections move the beginnings that the kernel reports.
        return bool(abs(process.create_time() - note.born) < 2 and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _read(file: Path) -> Task | None:
    note = _noted(file)
    if note and note.ended is None and not _runs(note):
        time.sleep(MOMENT_SECONDS)
        with _alone(file):
            if _noted(file) == note:
                _write(file, note.model_copy(update={"ended": LOST}))
            note = _noted(file)
    return Task(note, file.with_suffix(".log")) if note else None


def _noted(file: Path) -> Note | None:
    try:
        return Note.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):  # there is none, or somebody wrote into it
        return None


def _write(file: Path, note: Note) -> None:
    draft = file.with_suffix(".tmp")
    draft.write_text(note.model_dump_json(), encoding="utf-8")
    draft.replace(file)
