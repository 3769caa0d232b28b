"""The input and the output of a part of a benchmark."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str], None]
Progress = Callable[[str, int, int], None]  # name, done, total


def no_progress(_name: str, _done: int, _total: int) -> None:
    """Discards the progress."""


@dataclass(frozen=True)
class Bench:
    """One run: the folder of public data sets (None: bundled ones only), a work folder, a line printer."""

    data: Path | None
    work: Path
    say: Say
    progress: Progress = no_progress
    fresh: bool = False  # ignore cached results


@dataclass(frozen=True)
class BenchMeasure:
    """One figure of one setup: its `value`, the goal and the seconds.

    `low` and `high` are the 95% interval of an accuracy or a macro-F1 over the test texts, and the minimum and maximum
    over the seeds for everything else.
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
    at_most: bool = False  # the goal is an upper limit

    @property
    def missing(self) -> float | None:
        """The distance of the value from its goal, 0 if it is reached; None without a goal."""
        if self.goal is None:
            return None
        return max(0.0, self.value - self.goal if self.at_most else self.goal - self.value)


Part = Callable[[Bench], Iterable[BenchMeasure]]
