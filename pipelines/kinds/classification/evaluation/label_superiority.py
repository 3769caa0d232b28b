"""Measures of a challenger against the champion: overall, on single texts, on every label."""

from collections.abc import Iterable, Iterator

from pipelines.catalog.gate import Gate
from pipelines.evaluation.case import Case
from pipelines.evaluation.measure import Measure
from pipelines.evaluation.paired import mcnemar_measure, regression_measure
from pipelines.kinds.classification.evaluation.label_scores import ScoreTable, premise_errors, score_table
from pipelines.kinds.labelled.against_champion import (
    forgotten_labels_measure,
    gain_measure,
    no_champion_measures,
    recall_drop_measure,
    worse_labels_measure,
)


def measure_superiority(case: Case) -> Iterable[Measure]:
    """Compare the challenger with the champion."""
    return superiority_measures(len(case.test), case.shared(score_table), case.gate)


def superiority_measures(rows: int, scores: ScoreTable, gate: Gate) -> Iterator[Measure]:
    """Compare overall score, single texts and every label; without a champion the measures have no limits."""
    comparison = scores.against
    if comparison is None or premise_errors(scores):
        yield from no_champion_measures()
        return
    yield gain_measure(comparison.macro_f1, gate)
    yield mcnemar_measure("gain.p_worse", comparison.pairs, gate, "on single texts")
    yield worse_labels_measure(comparison.labels, gate)
    yield recall_drop_measure(comparison.labels, scores.counts, gate)
    yield forgotten_labels_measure(comparison.labels, scores.counts)
    yield regression_measure(comparison.pairs, rows, gate)
