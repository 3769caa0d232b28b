"""A fresh service over HTTP in its own state folder, which answers for the contestants as it would for customers."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from pipelines.evaluation.model_answers import Answers
from pipelines.inference.artefact import open_package, read_package_metadata
from pipelines.ingestion.rows import MAX_TEXT_LENGTH
from pipelines.kinds.known import find_kind, target_of_card
from pipelines.kinds.target import Target
from pipelines.runtime.interpreter import MODULE

BATCH, CLIENTS = 32, 2
TIMEOUT = 120.0  # seconds
TIMED_TEXTS = 100  # each sent alone, to every contestant in turns
Artefact = tuple[str, str]  # location and digest


class ServiceFailed(RuntimeError):
    """A service that did not start, or answered with an error."""


@dataclass(frozen=True)
class IsolatedService:
    """A running service for all contestants, with the folder of each package, by role."""

    client: httpx.Client
    packages: Mapping[str, Path]
    targets: Mapping[str, Target] = field(default_factory=dict)

    def ask(self, role: str, texts: Sequence[str]) -> Answers:
        """Return the answers of one contestant to masked texts, in their order. Raises ServiceFailed."""
        batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        with ThreadPoolExecutor(CLIENTS) as pool:
            results = pool.map(lambda batch: self._predictions(role, batch), batches)
            predictions = [prediction for batch in results for prediction in batch]
        target = self.targets[role]
        parse = find_kind(target.kind).wire.parse_prediction
        return Answers(target, [parse(prediction, target) for prediction in predictions])

    def seconds(self, texts: Sequence[str]) -> dict[str, float]:
        """Return the median seconds for one text by role; contestants take turns, so that load affects all alike."""
        times: dict[str, list[float]] = {role: [] for role in self.packages}
        for text in texts[:TIMED_TEXTS]:
            for role, seconds in times.items():
                started = time.perf_counter()
                self._predictions(role, [text])
                seconds.append(time.perf_counter() - started)
        return {role: median(seconds) for role, seconds in times.items() if seconds}

    def _predictions(self, role: str, texts: Sequence[str]) -> list[dict[str, Any]]:
        response = self.client.post(
            f"/v1/models/{role}/predict", json={"texts": [text[:MAX_TEXT_LENGTH] for text in texts]}
        )
        if response.status_code != httpx.codes.OK:
            raise ServiceFailed(
                f"the service on trial answered {response.status_code} for the {role}: {response.text[:200]}"
            )
        predictions: list[dict[str, Any]] = response.json()["predictions"]
        return predictions


@contextmanager
def isolated_service(contestants: Mapping[str, Artefact], home: Path, work: Path) -> Iterator[IsolatedService]:
    """Run `python -m pipelines.serving` for all contestants; its state folder is `work`, which is emptied before.

    Raises BrokenPackage for a package that differs from the registered one, and ServiceFailed.
    """
    shutil.rmtree(work, ignore_errors=True)  # left by a killed run
    work.mkdir(parents=True)
    cache = home / "cache" / "packages"
    packages = {role: open_package(*artefact, cache).absolute() for role, artefact in contestants.items()}
    try:
        with _service(work, packages) as url, httpx.Client(base_url=url, timeout=TIMEOUT) as client:
            yield IsolatedService(
                client,
                packages,
                {role: target_of_card(read_package_metadata(folder)) for role, folder in packages.items()},
            )
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _service(work: Path, packages: Mapping[str, Path]) -> Iterator[str]:
    """Yield the address of a service that ends with this process: it stops at the end of its standard input."""
    address, log = work / "address", work / "service.log"
    command = [*MODULE, "pipelines.serving", "--port", "0", "--address-file", str(address), "--tied"]
    command += [f"--package={role}={folder}" for role, folder in packages.items()]
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, cwd=work, env=_environment(work)
        )
    try:
        with httpx.Client(timeout=5) as client:  # one for all polls: to make one takes 60 ms
            url = _ready(child, address, log, client)
        yield url
    finally:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(5)
        child.kill()
        child.wait()
        if child.stdin:
            child.stdin.close()


def _environment(work: Path) -> dict[str, str]:
    """Return the environment of the service: its own state folder, so that nothing reaches the store or Prefect."""
    others = ("NEEDLOOP_", "PREFECT_", "PROMETHEUS_")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    named = {"NEEDLOOP_HOME": str(work), "NEEDLOOP_DATABASE_URL": f"sqlite:///{work / 'needloop.db'}"}
    # Times must be those of the package, not of the prediction cache, and no request may miss a deadline.
    return ours | named | {"NEEDLOOP_CACHE": "0", "NEEDLOOP_DEADLINE": "0"}


def _ready(child: "subprocess.Popen[bytes]", address: Path, log: Path, client: httpx.Client) -> str:
    deadline, problems = time.monotonic() + TIMEOUT, ""
    while time.monotonic() < deadline and child.poll() is None:
        with suppress(httpx.TransportError):
            if address.exists():
                response = client.get(f"{address.read_text(encoding='utf-8')}/readyz")
                problems = "; ".join(response.json()["problems"].values())
                if response.status_code == httpx.codes.OK and not problems:
                    return address.read_text(encoding="utf-8")
                if problems and "being loaded" not in problems:
                    break
        time.sleep(0.05)
    last_line = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise ServiceFailed(f"the service on trial does not answer: {problems or ' '.join(last_line)}")
