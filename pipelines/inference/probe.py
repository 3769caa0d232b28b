"""How many texts at once a package answers fastest here: many on a GPU; on CPUs int8 mostly one by one."""

import time
from collections.abc import Mapping, Sequence

from pipelines.inference.packaged import Packaged

SIZES = (1, 4, 16)
# Who stands beside a text in a batch moves its quantised activations a little: it must be worth that.
WORTH = 1.3
TRIES, TEXTS = 2, 16


def rates(packaged: Packaged, texts: Sequence[str], sizes: Sequence[int] = SIZES) -> dict[int, float]:
    """Texts a second by the size of a batch, the best of a few tries in turns, over the first texts."""
    best = dict.fromkeys(sizes, 0.0)
    for _ in range(TRIES):
        for size in sizes:
            begun = time.perf_counter()
            packaged.in_batches(size).logits(texts[:TEXTS])
            best[size] = max(best[size], len(texts[:TEXTS]) / (time.perf_counter() - begun))
    return best


def worthwhile(rates: Mapping[int, float]) -> int:
    """The size with the best rate, if that is WORTH times the rate of one by one; else 1."""
    best = max(rates, key=rates.__getitem__)
    return best if rates[best] >= WORTH * rates[1] else 1
