"""Reference answers: a package must answer as the trained network did when the package was made."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import comb
from pathlib import Path
from typing import Any

from pipelines.inference.artefact import REFERENCE_FILE, BrokenPackage
from pipelines.kinds.kind import comparison_key

MAX_TEXTS = 64  # recorded texts, evenly spread: 0.3 s with a small encoder
# The gate compares all of them. A sample may exceed the declared share by chance, but not this far.
CHANCE = 1e-3


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
        finding = f"{different} of {len(known)} recorded texts are answered differently from the trained network"
        raise BrokenPackage(f"{finding}; {most:.0%} may differ")


def _tail_probability(count: int, total: int, share: float) -> float:
    """Probability of `count` or more of `total` events, each with probability `share`."""
    return sum(comb(total, hits) * share**hits * (1 - share) ** (total - hits) for hits in range(count, total + 1))
