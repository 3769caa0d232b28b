"""Loading of a served version: its package is opened, checked and warmed up."""

import ctypes
import logging
from collections.abc import Sequence
from pathlib import Path

from pipelines.inference.artefact import open_package
from pipelines.inference.packaged import ModelPackage
from pipelines.inference.probe import batch_rates, best_batch_size
from pipelines.inference.reference_answers import load_reference_answers, require_agreement
from pipelines.masking.mask import mask
from pipelines.serving.models.served import ServedVersion

log = logging.getLogger(__name__)

WARM_UP_TEXT = "a first t\u00e9xt, so that no customer waits for what is made on first use"


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
