"""Batch-size probe: the fastest batch size of a package on this machine that keeps its answers."""

import time
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np

from pipelines.inference.packaged import ModelPackage

SIZES, ON_GPU = (1, 4), (1, 8, 32)
MIN_SPEEDUP = 1.02
# int8 with dynamic scales (older packages) computes them over the whole batch: other texts in it would change an
# answer, from the first decimals on.
TOLERANCE = 1e-4
TRIES, BATCHES = 2, 3
_TIMING = Lock()


def batch_rates(packaged: ModelPackage, texts: Sequence[str], sizes: Sequence[int] = ()) -> dict[int, float]:
    """Texts per second by batch size, the best of a few tries in turns; sizes that change answers are left out."""
    sizes = sizes or (SIZES if packaged.session.get_providers() == ["CPUExecutionProvider"] else ON_GPU)
    sample = texts[: BATCHES * max(sizes)]
    packages, best = {size: packaged.with_batch_size(size) for size in sizes}, dict.fromkeys(sizes, 0.0)
    # One package at a time: two that are timed together slow each other down.
    with _TIMING:
        for _ in range(TRIES):
            logits = dict[int, Any]()
            for size, package in packages.items():
                started = time.perf_counter()
                logits[size] = package.logits(sample)
                best[size] = max(best[size], len(sample) / (time.perf_counter() - started))
    return {size: rate for size, rate in best.items() if np.allclose(logits[size], logits[1], TOLERANCE, TOLERANCE)}


def best_batch_size(rates: Mapping[int, float]) -> int:
    """Batch size with the best rate, if that is MIN_SPEEDUP times the rate of size 1; else 1."""
    best = max(rates, key=rates.__getitem__)
    return best if rates[best] >= MIN_SPEEDUP * rates[1] else 1
