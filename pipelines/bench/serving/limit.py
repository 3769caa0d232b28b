"""What the machine can do at most: the packaged network alone, without HTTP, in every way its threads can be used."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipelines.bench.serving.peers.bare import Bare
from pipelines.inference.packaged import Packaged

ROUNDS = 2
Answer = Callable[[Sequence[str]], object]


def single(package: Path, plain: Path, texts: Sequence[str], cores: int) -> dict[str, float]:
    """Texts a second, one at a time: by way of asking, the best of some rounds in turns; `plain` is what others ask."""
    one = Packaged.load(package, threads=1)
    ways: dict[str, tuple[Answer, int]] = {
        "one thread": (one.predict, 1),
        f"{cores} callers of one thread each": (one.predict, cores),
        f"{cores} threads for each text": (Packaged.load(package, threads=cores).predict, 1),
        "ONNX Runtime as it comes": (Bare(package), 1),
        "ONNX Runtime as it comes, plain int8": (Bare(plain), 1),
    }
    return _best({name: (answer, callers, [[text] for text in texts]) for name, (answer, callers) in ways.items()})


def batched(package: Path, texts: Sequence[str], size: int, cores: int) -> dict[str, float]:
    """Texts a second where they come `size` at a time."""
    batches = [texts[at : at + size] for at in range(0, len(texts) - size + 1, size)]
    one, all_threads = Packaged.load(package, threads=1), Packaged.load(package, threads=cores)
    ways: dict[str, tuple[Answer, int, Sequence[Sequence[str]]]] = {
        "as they are, padded": (Bare(package), 1, batches),
        f"one by one, {cores} callers": (one.predict, cores, batches),
    }
    for part in (4, 8, size):
        ways[f"sorted, by {part}, {cores} callers"] = (one.in_batches(part).predict, cores, batches)
        ways[f"sorted, by {part}, {cores} threads"] = (all_threads.in_batches(part).predict, 1, batches)
    return _best(ways)


def _best(ways: dict[str, tuple[Answer, int, Sequence[Sequence[str]]]]) -> dict[str, float]:
    found = dict.fromkeys(ways, 0.0)
    for _ in range(ROUNDS):
        for name, way in ways.items():
            found[name] = max(found[name], _rate(*way))
    return found


def _rate(answer: Answer, callers: int, batches: Sequence[Sequence[str]]) -> float:
    begun = time.perf_counter()
    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(answer, batches))
    return sum(map(len, batches)) / (time.perf_counter() - begun)
