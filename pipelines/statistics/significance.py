"""Exact tests on paired answers, and the correction for many tests at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from scipy.stats import binom


@dataclass(frozen=True)
class Pairs:
    """Numbers of texts that only one model has right (`gained`) and that only the other has right (`lost`)."""

    gained: int
    lost: int

    @property
    def p_worse(self) -> float:
        """P-value of McNemar's exact one-sided test: chance of so many losses or more if neither model were better."""
        return float(binom.sf(self.lost - 1, self.gained + self.lost, 0.5))

    @property
    def p_differ(self) -> float:
        """P-value of the two-sided test: chance of a difference so large in either direction (McNemar, 1947)."""
        return min(1.0, 2 * float(binom.sf(max(self.gained, self.lost) - 1, self.gained + self.lost, 0.5)))


def p_below(right: int, texts: int, floor: float) -> float:
    """Return the p-value of the exact binomial test: chance of so few right answers if the true share were `floor`."""
    return float(binom.cdf(right, texts, floor))


def holm(p_values: Mapping[str, float], alpha: float) -> list[str]:
    """Return the names that are significant together, with a family-wise error of at most `alpha` (Holm, 1979)."""
    ordered = sorted(p_values, key=lambda name: p_values[name])
    significant = []
    for position, name in enumerate(ordered):
        if p_values[name] > alpha / (len(ordered) - position):
            break
        significant.append(name)
    return significant
