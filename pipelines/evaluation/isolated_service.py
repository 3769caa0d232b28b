"""Contestants asked as customers will ask them: packages in a fresh service, over HTTP, in a home of its own."""

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
from pipelines.inference.artefact import card, open_package
from pipelines.ingestion.rows import LONGEST
from pipelines.kinds.known import find, target_of_card
from pipelines.kinds.target import Target
from pipelines.runtime.interpreter import MODULE

BATCH, CLIENTS = 32, 2
PATIENCE = 120.0
TIMED = 100  # texts, each asked alone, of every contestant in turns
Artefact = tuple[str, str]  # location and digest


class ServiceFailed(RuntimeError):
    """A service that did not come up, or refused to answer."""


@dataclass(frozen=True)
class IsolatedService:
    """A running service that answers for each contestant, and where their packages lie on this disk."""

    client: httpx.Client
    packages: Mapping[str, Path]
    targets: Mapping[str, Target] = field(default_factory=dict)

    def ask(self, who: str, texts: Sequence[str]) -> Answers:
        """Answers to masked texts, in their order. Raises ServiceFailed."""
        batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        with ThreadPoolExecutor(CLIENTS) as pool:
            found = [one for batch in pool.map(lambda batch: self._predictions(who, batch), batches) for one in batch]
        target = self.targets[who]
        heard = find(target.kind).wire.heard
        return Answers(target, [heard(one, target) for one in found])

    def seconds(self, texts: Sequence[str]) -> dict[str, float]:
        """Median seconds for one text of each contestant, asked in turns: a busy moment is everybody's."""
        spent: dict[str, list[float]] = {who: [] for who in self.packages}
        for text in texts[:TIMED]:
            for who, seconds in spent.items():
                started = time.perf_counter()
                self._predictions(who, [text])
                seconds.append(time.perf_counter() - started)
        return {who: median(seconds) for who, seconds in spent.items() if seconds}

    def _predictions(self, who: str, texts: Sequence[str]) -> list[dict[str, Any]]:
        answer = self.client.post(f"/v1/models/{who}/predict", json={"texts": [text[:LONGEST] for text in texts]})
        if answer.status_code != httpx.codes.OK:
            raise ServiceFailed(
                f"the service on trial answered {answer.status_code} for the {who}: {answer.text[:200]}"
            )
        found: list[dict[str, Any]] = answer.json()["predictions"]
        return found


@contextmanager
def isolated_service(contestants: Mapping[str, Artefact], home: Path, work: Path) -> Iterator[IsolatedService]:
    """Within, `python -m pipelines.serving` serves every contestant from a home in `work`, which is emptied before.

    Raises BrokenPackage for what is not what was registered, and ServiceFailed.
    """
    shutil.rmtree(work, ignore_errors=True)  # what a killed run left
    work.mkdir(parents=True)
    cache = home / "cache" / "packages"
    packages = {who: open_package(*artefact, cache).absolute() for who, artefact in contestants.items()}
    try:
        with _service(work, packages) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
            yield IsolatedService(
                client, packages, {who: target_of_card(card(folder)) for who, folder in packages.items()}
            )
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _service(work: Path, packages: Mapping[str, Path]) -> Iterator[str]:
    """The address of a service that ends with this process, however it ends: it reads its standard input to the end."""
    address, log = work / "address", work / "service.log"
    command = [*MODULE, "pipelines.serving", "--port", "0", "--address-file", str(address), "--tied"]
    command += [f"--package={who}={folder}" for who, folder in packages.items()]
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, cwd=work, env=_environment(work)
        )
    try:
        with httpx.Client(timeout=5) as client:  # one for all questions: to make one takes 60 ms
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
    """Of the trial's own home: no feedback of it reaches a store or Prefect."""
    others = ("NEEDLOOP_", "PREFECT_", "PROMETHEUS_")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    named = {"NEEDLOOP_HOME": str(work), "NEEDLOOP_DATABASE_URL": f"sqlite:///{work / 'needloop.db'}"}
    # Times must be those of the package and not of a memory, and whoever judges waits for every answer.
    return ours | named | {"NEEDLOOP_CACHE": "0", "NEEDLOOP_DEADLINE": "0"}


def _ready(child: "subprocess.Popen[bytes]", address: Path, log: Path, client: httpx.Client) -> str:
    deadline, told = time.monotonic() + PATIENCE, ""
    while time.monotonic() < deadline and child.poll() is None:
        with suppress(httpx.TransportError):
            if address.exists():
                answer = client.get(f"{address.read_text(encoding='utf-8')}/readyz")
                told = "; ".join(answer.json()["problems"].values())
                if answer.status_code == httpx.codes.OK and not told:
                    return address.read_text(encoding="utf-8")
                if told and "being loaded" not in told:
                    break
        time.sleep(0.05)
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise ServiceFailed(f"the service on trial does not answer: {told or ' '.join(said)}")
