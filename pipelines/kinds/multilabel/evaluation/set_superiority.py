"""Measures of a challenger against the champion: overall, on whole texts, on every label."""

from collections.abc import Iterator

from pipelines.evaluation.case import Case
from pipelines.evaluation.measure import Measure
from pipelines.evaluation.paired import mcnemar_measure, regression_measure
from pipelines.kinds.labelled.against_champion import (
    forgotten_labels_measure,
    gain_measure,
    no_champion_measures,
    recall_drop_measure,
    worse_labels_measure,
)
from pipelines.kinds.multilabel.evaluation.set_scores import score_table


def measure_superiority(case: Case) -> Iterator[Measure]:
    """Compare overall score, whole texts and every label; without a champion the measures have no limits."""
    scores, gate = case.shared(score_table), case.gate
    comparison = scores.against
    if comparison is None:
        yield from no_champion_measures()
        return
    yield gain_measure(comparison.macro_f1, gate)
    yield mcnemar_measure("gain.p_worse", comparison.whole, gate, "on single texts")
    yield worse_labels_measure(comparison.labels, gate)
    yield recall_drop_measure(comparison.found, scores.counts, gate)
    yield forgotten_labels_measure(comparison.found, scores.counts)
    yield regression_measure(comparison.whole, len(case.test), gate)
