"""The machine's upper limit: the packaged network alone, without HTTP, with different uses of its threads."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipelines.bench.serving.peers.bare import Bare
from pipelines.inference.packaged import ModelPackage

ROUNDS = 2
Throughput = Callable[[], float]
Answer = Callable[[Sequence[str]], object]


def single(package: Path, plain: Path, texts: Sequence[str], cores: int) -> dict[str, Throughput]:
    """Measurements with one text at a time, in texts per second; `plain` is the package of the other servers."""
    single_thread, batches = ModelPackage.load(package, threads=1), [[text] for text in texts]
    return {
        "one thread": _throughput(single_thread.predict, 1, batches),
        f"{cores} callers of one thread each": _throughput(single_thread.predict, cores, batches),
        f"{cores} threads for each text": _throughput(ModelPackage.load(package, threads=cores).predict, 1, batches),
        "ONNX Runtime as it comes": _throughput(Bare(package), 1, batches),
        "ONNX Runtime as it comes, plain int8": _throughput(Bare(plain), 1, batches),
    }


def batched(package: Path, texts: Sequence[str], size: int, cores: int) -> dict[str, Throughput]:
    """The same with batches of `size` texts."""
    batches = [texts[start : start + size] for start in range(0, len(texts) - size + 1, size)]
    single_thread, all_threads = ModelPackage.load(package, threads=1), ModelPackage.load(package, threads=cores)
    ways = {
        "as they are, padded": _throughput(Bare(package), 1, batches),
        f"one by one, {cores} callers": _throughput(single_thread.predict, cores, batches),
    }
    for part in (4, 8, size):
        ways[f"sorted, by {part}, {cores} callers"] = _throughput(
            single_thread.with_batch_size(part).predict, cores, batches
        )
        ways[f"sorted, by {part}, {cores} threads"] = _throughput(all_threads.with_batch_size(part).predict, 1, batches)
    return ways


def best(ways: Mapping[str, Throughput]) -> dict[str, float]:
    """Texts per second of each way: the best of some alternating rounds."""
    rates = dict.fromkeys(ways, 0.0)
    for _ in range(ROUNDS):
        for name, rate in ways.items():
            rates[name] = max(rates[name], rate())
    return rates


def _throughput(answer: Answer, callers: int, batches: Sequence[Sequence[str]]) -> Throughput:
    def rate() -> float:
        started = time.perf_counter()
        with ThreadPoolExecutor(callers) as pool:
            list(pool.map(answer, batches))
        return sum(map(len, batches)) / (time.perf_counter() - started)

    return rate
