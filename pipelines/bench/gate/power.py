"""Promotions against what is true: how much better a challenger is, and how much one label lost."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from pipelines.bench.gate.handicaps import OutOfReach, moved
from pipelines.bench.gate.promotion_counts import Arena, Changes, Counts, counted
from pipelines.bench.gate.scenarios import breaks
from pipelines.kinds.labelled.label_counts import macro_f1

TRIALS = 200  # a point
POINTS = tuple(half / 200 for half in range(-8, 9))
LOST = tuple(tenth / 10 for tenth in range(1, 11))


@dataclass(frozen=True)
class Power:
    """Of one data set: counts by the true difference in macro-F1, and by the share that one label lost."""

    name: str
    margin: float
    alpha: float
    moved: Mapping[float, Counts]
    broken: Mapping[float, Counts]


def power(arena: Arena, trials: int) -> Power:
    """Counts for every point that a change reaches."""
    many = min(trials, TRIALS)
    better = {one: counted(arena, f"{100 * one:+.1f} points", what, many) for one, what in _moves(arena)}
    broken = {one: counted(arena, f"{one:.0%} of a label", what, many) for one, what in _breaks(arena)}
    return Power(arena.name, arena.gate.margin, arena.gate.alpha, better, broken)


def _moves(arena: Arena) -> Iterator[tuple[float, Changes]]:
    for one in POINTS:
        with suppress(OutOfReach):
            yield one, {"": moved(arena.of, one, macro_f1)}


def _breaks(arena: Arena) -> Iterator[tuple[float, Changes]]:
    return ((one, found) for one in LOST if (found := breaks(arena.of, one, 0.01)))
