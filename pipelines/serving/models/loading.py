"""From a version that is to be served to a model that answers: its package opened, tried and warm."""

import ctypes
import logging
from collections.abc import Sequence
from pathlib import Path

from pipelines.inference.artefact import open_package
from pipelines.inference.packaged import Packaged
from pipelines.inference.probe import rates, worthwhile
from pipelines.inference.reference_answers import recorded, require_agreement
from pipelines.masking.mask import mask
from pipelines.serving.models.served import ServedVersion

log = logging.getLogger(__name__)

FIRST = "a first t\u00e9xt, so that no customer waits for what is made on first use"


def load(version: ServedVersion, cache: Path) -> Packaged:
    """The package of a version; raises BrokenPackage, and whatever a damaged one makes libraries raise.

    One that is held to its recorded answers must give them again.
    """
    folder = open_package(version.package, version.digest, cache)
    # One thread for each call: requests run side by side, one on each core.
    packaged = Packaged.load(folder, threads=1)
    packaged.predict([mask(FIRST)])
    known = recorded(folder)
    packaged = _fastest(packaged, [one.text for one in known])
    if version.agreement is not None:
        answers = [answer.told for answer in packaged.predict([one.text for one in known])]
        require_agreement(known, answers, version.agreement)
    _trim()
    return packaged


def _trim() -> None:
    """Give back what reading a package took for a moment: the C library keeps it, a twentieth of the process."""
    if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)


def _fastest(packaged: Packaged, texts: Sequence[str]) -> Packaged:
    """The package as it is asked from now on: one by one, or in batches where these are faster here."""
    if not texts:
        return packaged
    found = rates(packaged, texts)
    size = worthwhile(found)
    told = ", ".join(f"{rate:.0f} by {of}" for of, rate in found.items())
    log.info("%s takes %d texts at a time; texts a second: %s", packaged.model, size, told)
    return packaged.in_batches(size)
