"""Loading of served versions: a package is opened, checked, warmed up and given its fastest batch size."""

import ctypes
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from queue import Empty, Queue
from threading import Lock, Thread
from typing import Any

import numpy as np

from pipelines.inference.artefact import load_reference_answers, open_package, require_agreement
from pipelines.inference.packaged import ModelPackage
from pipelines.masking.mask import mask
from pipelines.serving.models.served import ServedVersion

log = logging.getLogger(__name__)

WARM_UP_TEXT = "a first t\u00e9xt, so that no customer waits for what is made on first use"
WAIT_SECONDS = 5.0
SIZES, ON_GPU = (1, 4), (1, 8, 32)
MIN_SPEEDUP = 1.02
# int8 with dynamic scales (older packages) computes them over the whole batch: other texts in it would change an
# answer, from the first decimals on.
TOLERANCE = 1e-4
TRIES, BATCHES = 2, 3
_TIMING = Lock()

Loaded = tuple[ServedVersion, ModelPackage | BaseException]


def load(version: ServedVersion, cache: Path) -> ModelPackage:
    """Load the package of a version. With `max_mismatch` it must repeat its reference answers.

    Raises BrokenPackage, and any error that a library raises on a damaged package.
    """
    folder = open_package(version.package, version.digest, cache)
    # One thread per call: requests run in parallel, one per core.
    packaged = ModelPackage.load(folder, threads=1)
    packaged.predict([mask(WARM_UP_TEXT)])
    reference = load_reference_answers(folder)
    packaged = _with_fastest_batch(packaged, [row.text for row in reference])
    if version.max_mismatch is not None:
        answers = [answer.comparison_key for answer in packaged.predict([row.text for row in reference])]
        require_agreement(reference, answers, version.max_mismatch)
    _trim()
    return packaged


def _trim() -> None:
    """Return freed memory to the system: the C library keeps what loading needed, 5% of the process."""
    if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)


def _with_fastest_batch(packaged: ModelPackage, texts: Sequence[str]) -> ModelPackage:
    """The package with the fastest batch size on this machine."""
    if not texts:
        return packaged
    rate_by_size = batch_rates(packaged, texts)
    size = best_batch_size(rate_by_size)
    listing = ", ".join(f"{rate:.0f} at {count}" for count, rate in rate_by_size.items())
    log.info("%s: batch size %d; texts per second by batch size: %s", packaged.model, size, listing)
    return packaged.with_batch_size(size)


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


class ModelLoader:
    """Loads packages in the background. One thread calls `submit` and `completed`."""

    def __init__(self, load: Callable[[ServedVersion], ModelPackage]) -> None:
        self._load, self._completed, self._wait_until = load, Queue[Loaded](), 0.0
        self._keys: set[str] = set()

    @property
    def pending(self) -> bool:
        """True while a package is being loaded."""
        return bool(self._keys)

    def submit(self, version: ServedVersion) -> None:
        """Load this version, unless it is being loaded already."""
        if version.key in self._keys:
            return
        self._keys.add(version.key)
        self._wait_until = time.monotonic() + WAIT_SECONDS
        # A daemon: a download that hangs must not keep a stopped service alive.
        Thread(target=self._run, args=(version,), name=f"load {version.model}", daemon=True).start()

    def completed(self) -> Iterator[Loaded]:
        """Each loaded package, or the error of its loading; waits for up to 5 s after the last `submit`."""
        while self._keys:
            try:
                version, result = self._completed.get(timeout=max(0.0, self._wait_until - time.monotonic()))
            except Empty:
                return
            self._keys.discard(version.key)
            yield version, result

    def _run(self, version: ServedVersion) -> None:
        try:
            self._completed.put((version, self._load(version)))
        # The service survives any broken package; a panic of a Rust library is no Exception.
        except BaseException as error:  # a package may be broken in any way; the caller of `completed` reports it
            self._completed.put((version, error))
