"""Whether one rate lies above another, asked as often as one likes: a sequential test of two Bernoulli streams.

The evidence is a likelihood ratio: both streams under a mixture of all rates, over the likeliest rates that the null
hypothesis allows. The mixture is Robbins' (Ann. Math. Stat. 41, 1970) with the prior of Krichevsky and Trofimov,
Beta(1/2, 1/2); the likeliest rates below the line make it "universal inference" (Wasserman, Ramdas and Balakrishnan,
PNAS 117, 2020). Under every pair of rates of the null it is at most a martingale that begins at 1, so that by Ville's
inequality it ever reaches 1/alpha with a chance of at most alpha, however often one looks and whenever one stops.

It takes the outcomes of a stream for independent, with a rate that stays. A rate that moves in both streams alike (a
busy hour) makes it slower, not rasher, where customers are dealt out by chance.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

STEPS = 50  # halvings: 1e-15
FINENESS = 1e-3  # of a bound


@dataclass(frozen=True)
class BernoulliCount:
    """What was seen of one rate: of so many `tries` so many `hits`. Numbers, or arrays of one shape."""

    tries: npt.ArrayLike = 0
    hits: npt.ArrayLike = 0

    @property
    def misses(self) -> Numbers:
        """The tries that hit nothing."""
        return np.subtract(self.tries, self.hits, dtype=float)


def log_e_value(one: BernoulliCount, other: BernoulliCount, margin: npt.ArrayLike) -> Numbers:
    """The logarithm of the evidence that the rate of `one` lies more than `margin` above that of `other`.

    At log(1/alpha) the hypothesis that it does not is rejected. 0 where the streams do not speak against it, and where
    one of them is empty.
    """
    hits, misses, hits_0, misses_0 = (
        np.asarray(seen, float) for seen in (one.hits, one.misses, other.hits, other.misses)
    )
    mixed = _mixture(hits, misses) + _mixture(hits_0, misses_0)  # once, whatever the number of margins
    margin, hits, misses, hits_0, misses_0 = np.broadcast_arrays(
        np.asarray(margin, float), hits, misses, hits_0, misses_0
    )
    rate, rate_0 = hits / np.maximum(hits + misses, 1), hits_0 / np.maximum(hits_0 + misses_0, 1)
    low, high = np.maximum(0.0, -margin), np.minimum(1.0, 1.0 - margin)
    for _ in range(STEPS):  # the likelihood along the line is concave: its slope falls
        middle = (low + high) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = _slope(hits_0, misses_0, middle) + _slope(hits, misses, middle + margin)
        low, high = np.where(slope > 0, middle, low), np.where(slope > 0, high, middle)
    likeliest = _likelihood(hits_0, misses_0, low) + _likelihood(hits, misses, low + margin)
    log_evidence = mixed - likeliest
    allowed = (rate <= rate_0 + margin) | (hits + misses == 0) | (hits_0 + misses_0 == 0)
    return np.where(allowed, 0.0, log_evidence)


def difference(one: BernoulliCount, other: BernoulliCount, alpha: float) -> tuple[float, float]:
    """Bounds of the rate of `one` less that of `other`; each holds at all times with a chance of 1 - alpha."""
    return _least(one, other, alpha), -_least(other, one, alpha)


def _least(one: BernoulliCount, other: BernoulliCount, alpha: float) -> float:
    margins = np.arange(-1, 1, FINENESS)
    rejected = margins[log_e_value(one, other, margins) >= math.log(1 / alpha)]
    return float(rejected.max()) if rejected.size else -1.0


def _slope(hits: Numbers, misses: Numbers, rate: Numbers) -> Numbers:
    """Of the likelihood's logarithm; 0 / 0 where nothing was seen at an end."""
    rising = np.where(hits > 0, hits / rate, 0.0)
    falling = np.where(misses > 0, misses / (1 - rate), 0.0)
    return np.asarray(rising - falling)


def _likelihood(hits: Numbers, misses: Numbers, rate: Numbers) -> Numbers:
    with np.errstate(divide="ignore", invalid="ignore"):
        hit, missed = np.log(np.maximum(rate, 0)), np.log(np.maximum(1 - rate, 0))
        return np.where(hits > 0, hits * hit, 0.0) + np.where(misses > 0, misses * missed, 0.0)


def _mixture(hits: Numbers, misses: Numbers) -> Numbers:
    """Krichevsky and Trofimov: the likelihood's mean over Beta(1/2, 1/2)."""
    gamma: Callable[[Numbers], Numbers] = np.vectorize(math.lgamma, otypes=[float])
    return gamma(hits + 0.5) + gamma(misses + 0.5) - gamma(hits + misses + 1) - math.log(math.pi)
