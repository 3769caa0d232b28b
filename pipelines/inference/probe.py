"""How many texts at once a package answers fastest here, and alike."""

import time
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np

from pipelines.inference.packaged import Packaged

SIZES, ON_GPU = (1, 4), (1, 8, 32)
WORTH = 1.02
# int8 without fixed scales (packages made before they were) finds them over a whole batch: who asks beside a text would
# change its answer, from the first decimals on.
ALIKE = 1e-4
TRIES, BATCHES = 2, 3
_TIMING = Lock()


def rates(packaged: Packaged, texts: Sequence[str], sizes: Sequence[int] = ()) -> dict[int, float]:
    """Texts a second by the size of a batch, the best of a few tries in turns; without sizes that answer otherwise."""
    sizes = sizes or (SIZES if packaged.session.get_providers() == ["CPUExecutionProvider"] else ON_GPU)
    said = texts[: BATCHES * max(sizes)]
    asked, best = {size: packaged.in_batches(size) for size in sizes}, dict.fromkeys(sizes, 0.0)
    # One package at a time: two that are timed together slow each other down.
    with _TIMING:
        for _ in range(TRIES):
            logits = dict[int, Any]()
            for size, one in asked.items():
                begun = time.perf_counter()
                logits[size] = one.logits(said)
                best[size] = max(best[size], len(said) / (time.perf_counter() - begun))
    return {size: rate for size, rate in best.items() if np.allclose(logits[size], logits[1], ALIKE, ALIKE)}


def worthwhile(rates: Mapping[int, float]) -> int:
    """The size with the best rate, if that is WORTH times the rate of one by one; else 1."""
    best = max(rates, key=rates.__getitem__)
    return best if rates[best] >= WORTH * rates[1] else 1
