"""Exact changes of a challenger that was as good as the champion."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from pipelines.bench.gate.population import OWN, Change, Population, gain
from pipelines.kinds.classification.evaluation.label_resamples import Score, accuracy


class OutOfReach(ValueError):
    """No change of this kind makes the difference."""


def shift_score(population: Population, points: float, score: Score) -> Change:
    """Change a score by `points`: correct wrong answers if positive, spoil right ones if negative."""

    def change_by(chance: float) -> Change:
        change = _no_change(population)
        (change.correction_chances if points > 0 else change.error_chances)[:] = chance
        return change

    return _solve(points, change_by, population, score) if points else _no_change(population)


def break_label(population: Population, label: int, lost: float, points: float) -> Change:
    """Turn the share `lost` of a label's right answers into its likeliest confusion.

    Wrong answers of all other labels are corrected until the true accuracy is higher by `points` over all labels.
    """

    def change_by(chance: float) -> Change:
        change = _no_change(population)
        change.correction_chances[:], change.correction_chances[label] = chance, 0.0
        change.error_chances[label], change.into[label] = lost, likeliest_confusion(population, label)
        return change

    return _solve(points, change_by, population, accuracy)


def likeliest_confusion(population: Population, label: int) -> int:
    """The most frequent wrong answer to texts of a label."""
    return int(np.bincount(population.instead[population.references == label]).argmax())


def _no_change(population: Population) -> Change:
    size = len(population.labels)
    return Change(np.zeros(size), np.zeros(size), np.full(size, OWN))


def _solve(points: float, change_by: Callable[[float], Change], population: Population, score: Score) -> Change:
    """The change with the chance that makes exactly this difference. Raises OutOfReach."""

    def difference(chance: float) -> float:
        return gain(population, change_by(chance), score) - points

    if difference(0) * difference(1) > 0:
        raise OutOfReach(f"no chance makes a difference of {points:+.3f}, at most {difference(1) + points:+.3f}")
    return change_by(float(brentq(difference, 0, 1)))
