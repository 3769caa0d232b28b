"""A packaged model as files: its folder (or S3 prefix), the digest of its files, metadata and reference answers.

A package must answer as the trained network did when the package was made.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import comb
from pathlib import Path
from typing import Any

from pipelines.kinds.kind import comparison_key
from pipelines.storage.blobs import fetch

REFERENCE_FILE = "recorded.json"  # texts with the answers of the trained network
MAX_TEXTS = 64  # recorded texts, evenly spread: 0.3 s with a small encoder
# The gate compares all of them. A sample may exceed the declared share by chance, but not this far.
CHANCE = 1e-3


class BrokenPackage(ValueError):
    """The package is missing, or differs from the one that was evaluated."""


def package_digest(folder: Path) -> str:
    """SHA-256 over the names, sizes and contents of all files, in order of their names."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(folder).as_posix()}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def open_package(location: str, digest: str, cache: Path) -> Path:
    """Local folder with exactly the evaluated files; an S3 prefix is copied below `cache`. Raises BrokenPackage."""
    try:
        folder = fetch(location, cache / digest)
    except FileNotFoundError as error:
        raise BrokenPackage(
            f"{location} is missing: restore it, or run `needloop rollback MODEL` or `needloop train MODEL`"
        ) from error
    actual = package_digest(folder)
    if actual != digest:
        raise BrokenPackage(f"{location} was altered: its digest is {actual[:12]}, the ledger says {digest[:12]}")
    return folder


def read_package_metadata(folder: Path) -> dict[str, Any]:
    """Content of a package's `package.json`."""
    metadata: dict[str, Any] = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    return metadata


@dataclass(frozen=True)
class ReferenceAnswer:
    """A masked text and the trained network's answer: a cell, or the payload of a kind without cells."""

    text: str
    label: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def comparison_key(self) -> str:
        """Text by which answers are compared."""
        return comparison_key(self.label, self.payload)


def load_reference_answers(folder: Path, most: int | None = MAX_TEXTS) -> list[ReferenceAnswer]:
    """At most `most` of a package's reference answers (None: all); empty for a package without them."""
    file = folder / REFERENCE_FILE
    records = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    count = len(records) if most is None else min(most, len(records))
    step = len(records) / max(count, 1)
    return [ReferenceAnswer(**records[int(index * step)]) for index in range(count)]


def require_agreement(known: Sequence[ReferenceAnswer], answers: Sequence[str], most: float) -> None:
    """Raise BrokenPackage if significantly more than the share `most` of `answers` differ (exact binomial test)."""
    different = sum(answer != reference.comparison_key for reference, answer in zip(known, answers, strict=True))
    if different and _tail_probability(different, len(known), most) < CHANCE:
        raise BrokenPackage(
            f"{different} of {len(known)} recorded texts are answered differently from the trained network; "
            f"{most:.0%} may differ"
        )


def _tail_probability(count: int, total: int, share: float) -> float:
    """Probability of `count` or more of `total` events, each with probability `share`."""
    return sum(comb(total, hits) * share**hits * (1 - share) ** (total - hits) for hits in range(count, total + 1))
