"""Confidence measures of label sets: calibration, and recall on out-of-scope texts."""

from collections.abc import Iterator
from typing import cast

import numpy as np
import numpy.typing as npt

from pipelines.evaluation.case import CHALLENGER, Case
from pipelines.evaluation.measure import Measure, ceiling, missing_measure
from pipelines.evaluation.out_of_scope import confidence_threshold, out_of_scope_texts, recall_measure, unsure_measures
from pipelines.evaluation.reliability import calibration_error, reliability
from pipelines.kinds.known import find_kind
from pipelines.kinds.labelled.label_probabilities import label_probabilities
from pipelines.kinds.multilabel.target import LabelSets


def measure_calibration(case: Case) -> Iterator[Measure]:
    """Measure the calibration of every label's probability on the test texts."""
    target = cast(LabelSets, case.spec.target)  # the kind chose these measures
    probabilities = label_probabilities(case.answers[CHALLENGER])
    if set(probabilities.columns) != set(target.labels):
        yield missing_measure("test.calibration_error", "calibration", "calibration")
        return
    truth = target.matrix(case.test["label"].tolist())
    errors = [two_sided(probabilities.of(label), truth[:, index]) for index, label in enumerate(target.labels)]
    subject = "calibration: the confidence in a label is off by"
    yield ceiling(
        "test.calibration_error", sum(errors) / len(errors), case.gate.max_calibration_error, subject, "calibration"
    )


def two_sided(probabilities: npt.NDArray[np.float64], has: npt.NDArray[np.bool_]) -> float:
    """Return the expected calibration error of one label, 0 to 1, over both decisions (present, absent)."""
    present = probabilities > 1 - probabilities
    return calibration_error(reliability(np.where(present, probabilities, 1 - probabilities), present == has))


def measure_scope(case: Case) -> Iterator[Measure]:
    """Measure the recall on out-of-scope texts: no label, or an answer that abstained."""
    if confidence_threshold(case) is None:
        yield recall_measure(None, case.gate)
        return
    yield recall_measure(_out_of_scope_recall(case), case.gate)
    yield from unsure_measures(float(case.answers[CHALLENGER].abstained.mean()), case.gate)


def _out_of_scope_recall(case: Case) -> float:
    answers = case.ask(out_of_scope_texts(case.spec))
    empty_cell = find_kind(case.spec.kind).wire.empty_cell(case.spec.target)
    pairs = zip(answers.cells, answers.abstained, strict=True)
    recognised = [cell == empty_cell or abstained for cell, abstained in pairs]
    return sum(recognised) / len(recognised) if recognised else float("nan")
