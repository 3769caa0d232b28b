"""Ours under more and more load at random moments: what is still answered, and how fast the rest is refused."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx
import numpy as np

from pipelines.bench.serving.contestant import Running
from pipelines.bench.serving.load import Load, arrivals

SHARES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
PROBES = 20.0  # requests a second of somebody who looks at the clock for each


@dataclass
class Step:
    """`share` of the capacity was offered, once a round; milliseconds of probes that were answered, and of refused."""

    share: float
    loads: list[Load] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    megabytes: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second, the median of the rounds."""
        return median(load.rate for load in self.loads)


def overload(server: Running, bodies: Path, capacity: float, rounds: int, seconds: int) -> list[Step]:
    """Each share of the capacity in its turn, round by round: a slow minute is every share's."""
    steps = [Step(share) for share in SHARES]
    for _ in range(rounds):
        for step in steps:
            _offer(server, bodies, step, step.share * capacity, seconds)
    return steps


def percentile(values: Sequence[float], at: float) -> float:
    """Of milliseconds; NaN of none."""
    return float(np.percentile(values, at)) if values else float("nan")


def _offer(server: Running, bodies: Path, step: Step, rate: float, seconds: int) -> None:
    with ThreadPoolExecutor(1) as pool:
        loaded = pool.submit(arrivals, server.url, bodies, rate, seconds)
        time.sleep(0.5)  # until all are connected
        body = bodies.read_text(encoding="utf-8").splitlines()[0]
        answered, refused = asyncio.run(_probed(server.url, body, seconds - 1))
        step.loads.append(loaded.result())
        step.answered += answered
        step.refused += refused
        step.megabytes = max(step.megabytes, server.megabytes)


async def _probed(url: str, body: str, seconds: float) -> tuple[list[float], list[float]]:
    """Milliseconds by outcome; raises what a transport raises, for nothing may be cut off."""
    found: dict[int, list[float]] = {200: [], 429: []}

    async def probe(client: httpx.AsyncClient) -> None:
        begun = time.perf_counter()
        answer = await client.post(url, content=body, headers={"Content-Type": "application/json"})
        found.setdefault(answer.status_code, []).append(1000 * (time.perf_counter() - begun))

    async with httpx.AsyncClient(timeout=10) as client, asyncio.TaskGroup() as group:
        for _ in range(int(seconds * PROBES)):
            group.create_task(probe(client))
            await asyncio.sleep(1 / PROBES)
    return found[200], found[429]
