"""What a confidence in sets of labels is worth: that it means what it says, and tells texts of no label."""

from collections.abc import Iterator
from typing import cast

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.case import CHALLENGER, Case
from pipelines.evaluation.measure import Measure, ceiling, unshown
from pipelines.evaluation.out_of_scope import outside, recalled, threshold, unsure
from pipelines.evaluation.reliability import calibration_error, reliability
from pipelines.kinds.known import find
from pipelines.kinds.labelled.label_probabilities import chances
from pipelines.kinds.multilabel.target import LabelSets


def calibrated(case: Case) -> Iterator[Measure]:
    """The probability of every label against how often the texts have it."""
    target = cast(LabelSets, case.spec.target)  # the kind chose these measures
    found = chances(case.answers[CHALLENGER])
    if set(found.columns) != set(target.labels):
        yield unshown("test.calibration_error", "calibration", "calibration")
        return
    truth = target.matrix(case.test["label"].tolist())
    errors = [two_sided(found.of(label), truth[:, place]) for place, label in enumerate(target.labels)]
    what = "calibration: the confidence in a label is off by"
    yield ceiling("test.calibration_error", sum(errors) / len(errors), case.gate.calibration, what, "calibration")


def two_sided(chances: npt.NDArray[np.float64], has: npt.NDArray[np.bool_]) -> float:
    """Expected calibration error of one label, 0 to 1: of saying that it is there, or that it is not."""
    there = chances > 1 - chances
    return calibration_error(reliability(np.where(there, chances, 1 - chances), there == has))


def scoped(case: Case) -> Iterator[Measure]:
    """Texts about none of the labels must be answered with none, or abstained from."""
    if threshold(case) is None:
        yield recalled(None, case.gate)
        return
    yield recalled(_told_apart(case), case.gate)
    yield from unsure(float(case.answers[CHALLENGER].abstained.mean()), case.gate)


def _told_apart(case: Case) -> float:
    answers = case.ask(outside(case.spec))
    nothing = find(case.spec.kind).wire.nothing(case.spec.target)
    recognised = [cell == nothing or no for cell, no in zip(answers.cells, answers.abstained, strict=True)]
    return sum(recognised) / len(recognised) if recognised else float("nan")
