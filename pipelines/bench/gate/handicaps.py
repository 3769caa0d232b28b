"""What is done to a challenger that was as good as the champion, by exactly so much."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from pipelines.bench.gate.population import OWN, Change, Population, gain
from pipelines.kinds.classification.evaluation.label_resamples import Score, accuracy


class OutOfReach(ValueError):
    """A difference that no change of this kind makes."""


def moved(of: Population, points: float, score: Score) -> Change:
    """Truly better by so much of a score, by wrong answers turned right; where negative worse, by right ones turned."""

    def by(chance: float) -> Change:
        change = _none(of)
        (change.mended if points > 0 else change.spoilt)[:] = chance
        return change

    return _reaching(points, by, of, score) if points else _none(of)


def broken(of: Population, label: int, lost: float, points: float) -> Change:
    """One label loses that share of its right answers to the label it is most confused with.

    Of all others wrong answers turn right until accuracy is truly higher by so many points, the broken label included.
    """

    def by(chance: float) -> Change:
        change = _none(of)
        change.mended[:], change.mended[label] = chance, 0.0
        change.spoilt[label], change.into[label] = lost, confused(of, label)
        return change

    return _reaching(points, by, of, accuracy)


def confused(of: Population, label: int) -> int:
    """What the models would say most often to texts of a label, were they wrong."""
    return int(np.bincount(of.instead[of.given == label]).argmax())


def _none(of: Population) -> Change:
    size = len(of.labels)
    return Change(np.zeros(size), np.zeros(size), np.full(size, OWN))


def _reaching(points: float, by: Callable[[float], Change], of: Population, score: Score) -> Change:
    """The change whose chance makes exactly that difference. Raises OutOfReach."""

    def short(chance: float) -> float:
        return gain(of, by(chance), score) - points

    if short(0) * short(1) > 0:
        raise OutOfReach(f"no chance makes a difference of {points:+.3f}, at most {short(1) + points:+.3f}")
    return by(float(brentq(short, 0, 1)))
