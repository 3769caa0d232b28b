"""What a part of a benchmark is given and what it gives back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str], None]
Progress = Callable[[str, int, int], None]  # what runs, how far it is, of how much


def unseen(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class Bench:
    """One run: the folder of public data sets (none: only what is bundled), a folder to work in, a line for people."""

    data: Path | None
    work: Path
    say: Say
    progress: Progress = unseen
    fresh: bool = False  # measure again what was measured


@dataclass(frozen=True)
class Measure:
    """One figure of one recipe: `value`, the goal, and what it took.

    `low` and `high` are the 95% interval of an accuracy or a macro-F1 over the test texts, and the least and the most
    of several seeds for everything else.
    """

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
    at_most: bool = False  # the goal is a ceiling

    @property
    def missing(self) -> float | None:
        """How much the value is short of its goal, 0 where it is reached; none without a goal."""
        if self.goal is None:
            return None
        return max(0.0, self.value - self.goal if self.at_most else self.goal - self.value)


Part = Callable[[Bench], Iterable[Measure]]
