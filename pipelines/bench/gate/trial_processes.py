"""Trials on all cores: a process each, of one thread, that ends with this one however it ends."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context, parent_process
from threading import Thread

from threadpoolctl import threadpool_limits

from pipelines.bench.gate.simulated_trials import Chunk, Outcome, outcomes

Do = Callable[[Iterable[Chunk]], Iterable[list[Outcome]]]


@contextmanager
def crew(workers: int) -> Iterator[Do]:
    """Outcomes of chunks in their order; one worker is this process."""
    if workers < 2:
        yield partial(map, outcomes)
        return
    # Spawned, because a fork of a process whose threads compute may wait for ever.
    with ProcessPoolExecutor(workers, get_context("spawn"), _joined) as pool:
        yield partial(pool.map, outcomes)


def _joined() -> None:
    threadpool_limits(1)
    Thread(target=_orphaned, daemon=True).start()


def _orphaned() -> None:
    """Without it a worker whose parent was killed waits for ever, with 600 MB."""
    if parent := parent_process():
        parent.join()
        os._exit(1)
