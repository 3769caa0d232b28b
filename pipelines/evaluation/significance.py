"""Exact tests on pairs of answers, and what many of them at once may claim."""

from collections.abc import Mapping
from dataclasses import dataclass

from scipy.stats import binom


@dataclass(frozen=True)
class Pairs:
    """Of the same texts: how many one model alone got right, and how many the other alone."""

    gained: int
    lost: int

    @property
    def p_worse(self) -> float:
        """The chance of so many losses or more if neither model were better: McNemar's exact test, one side."""
        return float(binom.sf(self.lost - 1, self.gained + self.lost, 0.5))

    @property
    def p_differ(self) -> float:
        """The chance of a difference so large in either direction (McNemar, 1947)."""
        return min(1.0, 2 * float(binom.sf(max(self.gained, self.lost) - 1, self.gained + self.lost, 0.5)))


def p_below(right: int, texts: int, floor: float) -> float:
    """The chance of so few right answers or fewer if the true share were at the floor: the exact binomial test."""
    return float(binom.cdf(right, texts, floor))


def holm(chances: Mapping[str, float], alpha: float) -> list[str]:
    """The names that may be claimed together, with one wrong claim at most `alpha` likely (Holm, 1979)."""
    ordered = sorted(chances, key=lambda name: chances[name])
    claimed = []
    for place, name in enumerate(ordered):
        if chances[name] > alpha / (len(ordered) - place):
            break
        claimed.append(name)
    return claimed
