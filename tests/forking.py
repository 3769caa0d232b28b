"""Processes without the cost of imports: each is forked from a process that has imported its modules.

Imports take most of the time of a short process. In all else these are ordinary processes: they have an environment,
a folder, standard streams and an exit code, and can be killed.
"""

import atexit
import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL
from socket import AF_UNIX, send_fds, socket
from tempfile import TemporaryFile
from typing import IO

from filelock import FileLock

ROOT = Path(__file__).parents[1]


class Forker:
    """A process that has imported some modules, and forks for all clients of its address; it ends with the last client.

    The first client starts it. `address` is the path of a socket, of at most a hundred characters.
    """

    def __init__(self, address: Path, *modules: str, env: Mapping[str, str]) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._requests = socket(AF_UNIX)
        with FileLock(f"{address}.lock"):
            if self._requests.connect_ex(str(address)):
                self._process = _started(address, modules, env)
                self._requests.connect(str(address))
        atexit.register(self._end)

    def start(
        self, call: str, argv: Sequence[str], env: Mapping[str, str], cwd: Path, stdout: IO[str], stderr: IO[str]
    ) -> "Forked":
        """Call `module:function` in a new process."""
        request = {"call": call, "argv": list(argv), "env": dict(env), "cwd": str(cwd)}
        read, write = os.pipe()
        with Path(os.devnull).open() as nothing:
            fds = [write, nothing.fileno(), stdout.fileno(), stderr.fileno()]
            send_fds(self._requests, [json.dumps(request).encode()], fds)
        os.close(write)
        report = os.fdopen(read)
        return Forked(int(report.readline()), list(argv), report)

    def run(
        self, call: str, argv: Sequence[str], env: Mapping[str, str], cwd: Path, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Call `module:function` in a new process, and return its output; it is killed after `timeout` seconds."""
        with TemporaryFile("w+") as stdout, TemporaryFile("w+") as stderr:
            process = self.start(call, argv, env, cwd, stdout, stderr)
            try:
                code = process.wait(timeout)
            finally:
                process.kill()
            for stream in (stdout, stderr):
                stream.seek(0)
            return subprocess.CompletedProcess(list(argv), code, stdout.read(), stderr.read())

    def _end(self) -> None:
        self._requests.close()
        if self._process:
            self._process.wait()


def _started(address: Path, modules: Sequence[str], env: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    address.unlink(missing_ok=True)
    with socket(AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        command = [sys.executable, "-P", str(Path(__file__).with_name("forked.py")), str(listener.fileno()), *modules]
        surroundings = {**env, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, env=surroundings, pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL)


@dataclass
class Forked:
    """A process, with the part of the interface of `subprocess.Popen` that tests use."""

    pid: int
    args: list[str]
    _report: IO[str] = field(repr=False)
    returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code of an ended process, else None."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit code."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to a process that has not ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the process."""
        self.send_signal(SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._report], [], [], timeout)[0]:
            self.returncode = int(self._report.readline())
            self._report.close()
        return self.returncode
