"""Whether a package answers as the trained network did when it was made: asked before it is believed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path

from pipelines.inference.artefact import RECORDED, BrokenPackage

ASKED = 64  # of the recorded texts, evenly spread: 0.3 s of a small encoder
# The gate has asked all of them. A part may differ in more than is declared by chance, but not in so much more.
CHANCE = 1e-3


@dataclass(frozen=True)
class Recorded:
    """A masked text, and the label that the trained network gave it."""

    text: str
    label: str


def recorded(folder: Path, most: int = ASKED) -> list[Recorded]:
    """At most `most` of the answers that a package came with; none where it came with none."""
    file = folder / RECORDED
    said = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    step = max(1, len(said) / most)
    return [Recorded(**said[int(place * step)]) for place in range(min(most, len(said)))]


def require_agreement(known: Sequence[Recorded], labels: Sequence[str], most: float) -> None:
    """Raises BrokenPackage where `labels` show that a larger share than `most` would differ (exact binomial test)."""
    differ = sum(label != one.label for one, label in zip(known, labels, strict=True))
    if differ and _chance(differ, len(known), most) < CHANCE:
        said = f"{differ} of {len(known)} recorded texts are answered otherwise than by the trained network"
        raise BrokenPackage(f"{said}; {most:.0%} may differ")


def _chance(least: int, of: int, share: float) -> float:
    """Of `least` or more in `of`, where each happens with this probability."""
    return sum(comb(of, hits) * share**hits * (1 - share) ** (of - hits) for hits in range(least, of + 1))
