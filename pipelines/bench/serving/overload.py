"""Ours under more and more load at random moments: what is still answered, and how fast the rest is refused."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np

from pipelines.bench.serving.contestant import Running
from pipelines.bench.serving.load import Load, arrivals

SHARES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
PROBES = 20.0  # requests a second of somebody who looks at the clock for each


@dataclass(frozen=True)
class Step:
    """`share` of the capacity was offered; milliseconds of probes that were answered, and of those refused."""

    share: float
    load: Load
    answered: Sequence[float]
    refused: Sequence[float]
    megabytes: float


def overload(server: Running, bodies: Path, capacity: float, seconds: int) -> list[Step]:
    """Each share of the capacity in its turn."""
    return [_step(server, bodies, share, share * capacity, seconds) for share in SHARES]


def percentile(values: Sequence[float], at: float) -> float:
    """Of milliseconds; NaN of none."""
    return float(np.percentile(values, at)) if values else float("nan")


def _step(server: Running, bodies: Path, share: float, rate: float, seconds: int) -> Step:
    with ThreadPoolExecutor(1) as pool:
        loaded = pool.submit(arrivals, server.url, bodies, rate, seconds)
        time.sleep(0.5)  # until all are connected
        body = bodies.read_text(encoding="utf-8").splitlines()[0]
        answered, refused = asyncio.run(_probed(server.url, body, seconds - 1))
        return Step(share, loaded.result(), answered, refused, server.megabytes)


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
