"""Commands that people started from the console: each a process of its own, one at a time for a model."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

COMMAND = (sys.executable, "-m", "flows.commands")


class Busy(RuntimeError):
    """A model that something is already being done with."""


@dataclass(frozen=True)
class Task:
    """A command, its output in a log."""

    model: str
    what: str
    started: datetime
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def code(self) -> int | None:
        """0 done, 3 refused by the gate, anything else failed; none while it runs."""
        return self.process.poll()

    @property
    def said(self) -> str:
        """The last line, where it failed."""
        if self.code in (None, 0, 3):
            return ""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:  # people tidy up
            return f"{self.log} is gone"
        return lines[-1].strip() if lines else ""


class Work:
    """The last command for each model."""

    def __init__(self, logs: Path) -> None:
        self.tasks: dict[str, Task] = {}
        self._logs, self._lock = logs, Lock()

    def start(self, model: str, what: str, *options: str) -> Task:
        """Start `needloop WHAT MODEL` in the background. Raises Busy.

        Where this service alone is stopped it goes on to its end, and the ledger tells how that was.
        """
        with self._lock:
            if model in self.tasks and self.tasks[model].code is None:
                raise Busy(f"{self.tasks[model].what} of {model!r} is under way: wait until it has ended")
            self._logs.mkdir(parents=True, exist_ok=True)
            log = self._logs / f"console-{model}.log"
            with log.open("wb") as output:
                process = subprocess.Popen(
                    [*COMMAND, what, model, *options], stdin=subprocess.DEVNULL, stdout=output, stderr=output
                )
            task = self.tasks[model] = Task(model, what, datetime.now(UTC), process, log)
        return task
