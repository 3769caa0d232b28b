"""The power of the gate: promotions by the true gain of a challenger, and by the loss of one label."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from pipelines.bench.gate.handicaps import OutOfReach, shift_score
from pipelines.bench.gate.promotion_counts import Arena, Changes, PromotionCounts, count_promotions
from pipelines.bench.gate.scenarios import label_breaks
from pipelines.kinds.labelled.label_counts import macro_f1

TRIALS = 200  # for each point
POINTS = tuple(half / 200 for half in range(-8, 9))
LOST = tuple(tenth / 10 for tenth in range(1, 11))


@dataclass(frozen=True)
class Power:
    """Counts of one data set by the true difference in macro-F1, and by the share that one label lost."""

    name: str
    margin: float
    alpha: float
    shifted: Mapping[float, PromotionCounts]
    broken: Mapping[float, PromotionCounts]


def power(arena: Arena, trials: int) -> Power:
    """Counts for every point that a change can reach."""
    count = min(trials, TRIALS)
    better = {
        point: count_promotions(arena, f"{100 * point:+.1f} points", changes, count) for point, changes in _moves(arena)
    }
    broken = {
        point: count_promotions(arena, f"{point:.0%} of a label", changes, count) for point, changes in _breaks(arena)
    }
    return Power(arena.name, arena.gate.margin, arena.gate.alpha, better, broken)


def _moves(arena: Arena) -> Iterator[tuple[float, Changes]]:
    for points in POINTS:
        with suppress(OutOfReach):
            yield points, {"": shift_score(arena.population, points, macro_f1)}


def _breaks(arena: Arena) -> Iterator[tuple[float, Changes]]:
    return ((lost, changes) for lost in LOST if (changes := label_breaks(arena.population, lost, 0.01)))
