"""Trials on all cores: one process of one thread each, which ends with its parent."""

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
def worker_pool(workers: int) -> Iterator[Do]:
    """A mapping of chunks to outcomes, in order; with one worker it runs in this process."""
    if workers < 2:
        yield partial(map, outcomes)
        return
    # Spawned, because a fork of a process with computing threads may deadlock.
    with ProcessPoolExecutor(workers, get_context("spawn"), _initialise_worker) as pool:
        yield partial(pool.map, outcomes)


def _initialise_worker() -> None:
    threadpool_limits(1)
    Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    """Exit with the parent: otherwise a worker whose parent was killed waits for ever, with 600 MB."""
    if parent := parent_process():
        parent.join()
        os._exit(1)
