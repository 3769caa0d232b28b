"""Whether a package answers as the trained network did when it was made: asked before it is believed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import comb
from pathlib import Path
from typing import Any

from pipelines.inference.artefact import RECORDED, BrokenPackage
from pipelines.kinds.kind import told

ASKED = 64  # of the recorded texts, evenly spread: 0.3 s of a small encoder
# The gate has asked all of them. A part may differ in more than is declared by chance, but not in so much more.
CHANCE = 1e-3


@dataclass(frozen=True)
class ReferenceAnswers:
    """A masked text, and what the trained network answered: a cell, or the payload of a kind without cells."""

    text: str
    label: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """What it is compared by."""
        return told(self.label, self.payload)


def recorded(folder: Path, most: int | None = ASKED) -> list[ReferenceAnswers]:
    """At most `most` of the answers that a package came with, or all; none where it came with none."""
    file = folder / RECORDED
    said = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    count = len(said) if most is None else min(most, len(said))
    step = len(said) / max(count, 1)
    return [ReferenceAnswers(**said[int(place * step)]) for place in range(count)]


def require_agreement(known: Sequence[ReferenceAnswers], answers: Sequence[str], most: float) -> None:
    """Raises BrokenPackage where `answers` show that a larger share than `most` would differ (exact binomial test)."""
    differ = sum(answer != one.told for one, answer in zip(known, answers, strict=True))
    if differ and _chance(differ, len(known), most) < CHANCE:
        said = f"{differ} of {len(known)} recorded texts are answered otherwise than by the trained network"
        raise BrokenPackage(f"{said}; {most:.0%} may differ")


def _chance(least: int, of: int, share: float) -> float:
    """Of `least` or more in `of`, where each happens with this probability."""
    return sum(comb(of, hits) * share**hits * (1 - share) ** (of - hits) for hits in range(least, of + 1))
