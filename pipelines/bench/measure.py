"""What a part of a benchmark is given and what it gives back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str], None]


@dataclass(frozen=True)
class Bench:
    """One run: the folder of public data sets (none: only what is bundled), a folder to work in, a line for people."""

    data: Path | None
    work: Path
    say: Say


@dataclass(frozen=True)
class Measure:
    """One figure of one recipe: `value`, its 95% interval where it has one, the goal, and what it took."""

    part: str
    recipe: str
    figure: str
    value: float
    goal: float | None = None
    low: float | None = None
    high: float | None = None
    seconds: float | None = None
    seed: int | None = None
    note: str = ""


Part = Callable[[Bench], Iterable[Measure]]
