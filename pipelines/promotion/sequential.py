"""Sequential test that one rate exceeds another, valid at any number of looks, for two Bernoulli streams.

The e-value is a likelihood ratio: both streams under a mixture of all rates, over the likeliest rates that the null
hypothesis allows. The mixture is Robbins' (Ann. Math. Stat. 41, 1970) with the prior of Krichevsky and Trofimov,
Beta(1/2, 1/2); the likeliest rates under the null make it "universal inference" (Wasserman, Ramdas and Balakrishnan,
PNAS 117, 2020). Under every pair of rates of the null it is at most a martingale that starts at 1, so by Ville's
inequality it reaches 1/alpha with a probability of at most alpha, at any number of looks and any stopping time.

The outcomes of a stream are assumed independent with a constant rate. A rate that changes in both streams alike (a
busy hour) makes the test slower, not less valid, if customers are assigned by chance.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

STEPS = 50  # bisections: precision 1e-15
FINENESS = 1e-3  # grid of the bounds of a difference


@dataclass(frozen=True)
class BernoulliCount:
    """Trials and successes of one stream: numbers, or arrays of one shape."""

    trials: npt.ArrayLike = 0
    successes: npt.ArrayLike = 0

    @property
    def misses(self) -> Numbers:
        """The trials without success."""
        return np.subtract(self.trials, self.successes, dtype=float)


def log_e_value(treatment: BernoulliCount, control: BernoulliCount, margin: npt.ArrayLike) -> Numbers:
    """The log e-value of the hypothesis that the rate of `treatment` exceeds that of `control` by more than `margin`.

    At log(1/alpha) its negation is rejected. It is 0 if the observed rates do not exceed the margin, or a stream is
    empty.
    """
    successes, misses, successes_0, misses_0 = (
        np.asarray(count, float) for count in (treatment.successes, treatment.misses, control.successes, control.misses)
    )
    mixed = log_mixture(successes, misses) + log_mixture(successes_0, misses_0)  # once, whatever the number of margins
    margin, successes, misses, successes_0, misses_0 = np.broadcast_arrays(
        np.asarray(margin, float), successes, misses, successes_0, misses_0
    )
    rate, rate_0 = successes / np.maximum(successes + misses, 1), successes_0 / np.maximum(successes_0 + misses_0, 1)
    low, high = np.maximum(0.0, -margin), np.minimum(1.0, 1.0 - margin)
    for _ in range(STEPS):  # the likelihood along the line is concave: its slope falls
        middle = (low + high) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = _slope(successes_0, misses_0, middle) + _slope(successes, misses, middle + margin)
        low, high = np.where(slope > 0, middle, low), np.where(slope > 0, high, middle)
    likeliest = _likelihood(successes_0, misses_0, low) + _likelihood(successes, misses, low + margin)
    log_evidence = mixed - likeliest
    allowed = (rate <= rate_0 + margin) | (successes + misses == 0) | (successes_0 + misses_0 == 0)
    return np.where(allowed, 0.0, log_evidence)


def difference(treatment: BernoulliCount, control: BernoulliCount, alpha: float) -> tuple[float, float]:
    """Bounds of the rate of `treatment` less that of `control`; each holds at all times with probability 1 - alpha."""
    return _lower_bound(treatment, control, alpha), -_lower_bound(control, treatment, alpha)


def _lower_bound(treatment: BernoulliCount, control: BernoulliCount, alpha: float) -> float:
    margins = np.arange(-1, 1, FINENESS)
    rejected = margins[log_e_value(treatment, control, margins) >= math.log(1 / alpha)]
    return float(rejected.max()) if rejected.size else -1.0


def _slope(successes: Numbers, misses: Numbers, rate: Numbers) -> Numbers:
    """Derivative of the log-likelihood; 0 / 0 if a rate at an end has no outcomes."""
    rising = np.where(successes > 0, successes / rate, 0.0)
    falling = np.where(misses > 0, misses / (1 - rate), 0.0)
    return np.asarray(rising - falling)


def _likelihood(successes: Numbers, misses: Numbers, rate: Numbers) -> Numbers:
    with np.errstate(divide="ignore", invalid="ignore"):
        log_success, log_miss = np.log(np.maximum(rate, 0)), np.log(np.maximum(1 - rate, 0))
        return np.where(successes > 0, successes * log_success, 0.0) + np.where(misses > 0, misses * log_miss, 0.0)


def log_mixture(successes: Numbers, misses: Numbers) -> Numbers:
    """Log of the likelihood's mean over Beta(1/2, 1/2) (Krichevsky and Trofimov)."""
    gamma: Callable[[Numbers], Numbers] = np.vectorize(math.lgamma, otypes=[float])
    return gamma(successes + 0.5) + gamma(misses + 0.5) - gamma(successes + misses + 1) - math.log(math.pi)
