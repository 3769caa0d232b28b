"""Confidence measures: calibration, and recall on out-of-scope texts."""

from collections.abc import Iterator

from pipelines.catalog.gate import Gate
from pipelines.evaluation.case import CHALLENGER, CHAMPION, Case
from pipelines.evaluation.measure import Attachment, Measure, ceiling, missing_measure
from pipelines.evaluation.out_of_scope import confidence_threshold, out_of_scope_texts, recall_measure, unsure_measures
from pipelines.kinds.classification.evaluation.label_calibration import Calibration, compute_calibration
from pipelines.kinds.classification.evaluation.out_of_scope_recall import OutOfScopeScores, out_of_scope_scores
from pipelines.kinds.labelled.label_probabilities import label_probabilities


def measure_calibration(case: Case) -> Iterator[Measure | Attachment]:
    """Measure the calibration on the test texts."""
    probabilities = {role: label_probabilities(answers) for role, answers in case.answers.items()}
    labels, champion = case.test["label"].tolist(), probabilities.get(CHAMPION)
    calibration = compute_calibration(labels, probabilities[CHALLENGER], champion)
    yield Attachment("trust", calibration)
    yield from calibration_measures(calibration, case.gate)


def calibration_measures(calibration: Calibration | None, gate: Gate) -> Iterator[Measure]:
    """Compare the calibration error with the gate; the Brier score only informs."""
    name, threshold = "test.calibration_error", "calibration"
    if calibration is None:
        yield missing_measure(name, "calibration", threshold)
    else:
        subject = "calibration: confidence is off by"
        yield ceiling(name, calibration.error, gate.max_calibration_error, subject, threshold)
        yield Measure("test.brier", calibration.brier)


def measure_scope(case: Case) -> Iterator[Measure | Attachment]:
    """Measure the recall on out-of-scope texts; missing if no validation text could set a threshold."""
    limit = confidence_threshold(case)
    scores = None
    if limit is not None:
        outside = case.ask(out_of_scope_texts(case.spec)).confidences
        scores = out_of_scope_scores(case.answers[CHALLENGER].confidences, outside, limit)
    yield Attachment("scope", scores)
    yield from scope_measures(scores, case.gate)


def scope_measures(scores: OutOfScopeScores | None, gate: Gate) -> Iterator[Measure]:
    """Compare the out-of-scope recall and the share of unsure test texts with the gate."""
    yield recall_measure(scores.recall if scores else None, gate)
    if scores is None:
        return
    yield Measure("scope.auroc", scores.auroc)
    yield from unsure_measures(1 - scores.kept, gate)
