"""Trials on all cores: a process each, of one thread."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context

from threadpoolctl import threadpool_limits

from pipelines.bench.gate.trials import Chunk, Outcome, outcomes

Do = Callable[[Iterable[Chunk]], Iterable[list[Outcome]]]


@contextmanager
def crew(workers: int) -> Iterator[Do]:
    """Outcomes of chunks in their order; one worker is this process."""
    if workers < 2:
        yield partial(map, outcomes)
        return
    # Spawned, because a fork of a process whose threads compute may wait for ever.
    with ProcessPoolExecutor(workers, get_context("spawn"), threadpool_limits, (1,)) as pool:
        yield partial(pool.map, outcomes)
