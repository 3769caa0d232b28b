"""What the machine can do at most: the packaged network alone, without HTTP, in every way its threads can be used."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipelines.bench.serving.peers.bare import Bare
from pipelines.inference.packaged import Packaged

ROUNDS = 2
Way = Callable[[], float]
Answer = Callable[[Sequence[str]], object]


def single(package: Path, plain: Path, texts: Sequence[str], cores: int) -> dict[str, Way]:
    """Ways of asking, one text at a time: each gives texts a second; `plain` is what others ask."""
    one, batches = Packaged.load(package, threads=1), [[text] for text in texts]
    return {
        "one thread": _way(one.predict, 1, batches),
        f"{cores} callers of one thread each": _way(one.predict, cores, batches),
        f"{cores} threads for each text": _way(Packaged.load(package, threads=cores).predict, 1, batches),
        "ONNX Runtime as it comes": _way(Bare(package), 1, batches),
        "ONNX Runtime as it comes, plain int8": _way(Bare(plain), 1, batches),
    }


def batched(package: Path, texts: Sequence[str], size: int, cores: int) -> dict[str, Way]:
    """The same where texts come `size` at a time."""
    batches = [texts[at : at + size] for at in range(0, len(texts) - size + 1, size)]
    one, all_threads = Packaged.load(package, threads=1), Packaged.load(package, threads=cores)
    ways = {
        "as they are, padded": _way(Bare(package), 1, batches),
        f"one by one, {cores} callers": _way(one.predict, cores, batches),
    }
    for part in (4, 8, size):
        ways[f"sorted, by {part}, {cores} callers"] = _way(one.in_batches(part).predict, cores, batches)
        ways[f"sorted, by {part}, {cores} threads"] = _way(all_threads.in_batches(part).predict, 1, batches)
    return ways


def best(ways: Mapping[str, Way]) -> dict[str, float]:
    """Texts a second in each way: the best of some rounds in turns."""
    found = dict.fromkeys(ways, 0.0)
    for _ in range(ROUNDS):
        for name, rate in ways.items():
            found[name] = max(found[name], rate())
    return found


def _way(answer: Answer, callers: int, batches: Sequence[Sequence[str]]) -> Way:
    def rate() -> float:
        begun = time.perf_counter()
        with ThreadPoolExecutor(callers) as pool:
            list(pool.map(answer, batches))
        return sum(map(len, batches)) / (time.perf_counter() - begun)

    return rate
