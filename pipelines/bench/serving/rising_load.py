"""Needloop under increasing load at random moments: its answers, and the latency of its refusals."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx
import numpy as np

from pipelines.bench.serving.contestant import RunningServer
from pipelines.bench.serving.load import Load, arrivals

SHARES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
PROBES = 20.0  # timed requests per second


@dataclass
class Step:
    """`share` of the capacity, offered once a round; milliseconds of the answered and of the refused probes."""

    share: float
    loads: list[Load] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    megabytes: float = 0.0

    @property
    def rate(self) -> float:
        """Answers per second, the median of the rounds."""
        return median(load.rate for load in self.loads)


def overload(server: RunningServer, bodies: Path, capacity: float, rounds: int, seconds: int) -> list[Step]:
    """Offer each share of the capacity in turn, round by round: a slow minute affects all shares."""
    steps = [Step(share) for share in SHARES]
    for _ in range(rounds):
        for step in steps:
            _offer(server, bodies, step, step.share * capacity, seconds)
    return steps


def percentile(values: Sequence[float], at: float) -> float:
    """A percentile of milliseconds; NaN without values."""
    return float(np.percentile(values, at)) if values else float("nan")


def _offer(server: RunningServer, bodies: Path, step: Step, rate: float, seconds: int) -> None:
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(arrivals, server.url, bodies, rate, seconds)
        time.sleep(0.5)  # until all are connected
        body = bodies.read_text(encoding="utf-8").splitlines()[0]
        answered, refused = asyncio.run(_probe(server.url, body, seconds - 1))
        step.loads.append(load.result())
        step.answered += answered
        step.refused += refused
        step.megabytes = max(step.megabytes, server.megabytes)


async def _probe(url: str, body: str, seconds: float) -> tuple[list[float], list[float]]:
    """Milliseconds by outcome. Raises the errors of the transport, because no connection may be cut off."""
    milliseconds: dict[int, list[float]] = {200: [], 429: []}

    async def probe(client: httpx.AsyncClient) -> None:
        started = time.perf_counter()
        answer = await client.post(url, content=body, headers={"Content-Type": "application/json"})
        milliseconds.setdefault(answer.status_code, []).append(1000 * (time.perf_counter() - started))

    async with httpx.AsyncClient(timeout=10) as client, asyncio.TaskGroup() as group:
        for _ in range(int(seconds * PROBES)):
            group.create_task(probe(client))
            await asyncio.sleep(1 / PROBES)
    return milliseconds[200], milliseconds[429]
