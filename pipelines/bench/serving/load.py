"""Load by wrk: as fast as requests are answered, or at random moments."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.lua")
TIMEOUT_SECONDS = 5
PAUSED = 200  # connections of an open load: each pauses so long that its own answers hardly delay it


class NoLoad(RuntimeError):
    """wrk is missing, or nothing answered its requests."""


@dataclass(frozen=True)
class Load:
    """The result of a load: counts by status (200, 429, others), and milliseconds of answers and refusals alike."""

    seconds: float
    ok: int
    refused: int
    other: int
    timeouts: int
    broken: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.ok / self.seconds


def load(url: str, bodies: Path, connections: int, seconds: int) -> Load:
    """Load at `connections` without pauses; `bodies` is a file with one body a line. Raises NoLoad."""
    return _wrk(url, bodies, connections, seconds, 0.0)


def arrivals(url: str, bodies: Path, rate: float, seconds: int) -> Load:
    """`rate` requests per second, at random moments, on PAUSED connections. Raises NoLoad."""
    return _wrk(url, bodies, PAUSED, seconds, 1000 * PAUSED / rate)


def _wrk(url: str, bodies: Path, connections: int, seconds: int, pause: float) -> Load:
    wrk = shutil.which("wrk")
    if not wrk:
        raise NoLoad("the load comes from wrk: apt-get install wrk")
    flags = ["-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={TIMEOUT_SECONDS}s", f"-s{SCRIPT}"]
    environment = os.environ | ({"LOAD_PAUSED": "1"} if pause else {})
    command = [wrk, *flags, url, "--", str(bodies), f"{pause:f}"]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if result.returncode or not result.stdout.strip().endswith("}"):
        raise NoLoad(f"wrk against {url}: {(result.stderr or result.stdout).strip()[-300:]}")
    return Load(**json.loads(result.stdout.strip().splitlines()[-1]))
