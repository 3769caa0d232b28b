"""Quality measures: floors, every label, and the gain over baselines for a first model."""

from collections.abc import Iterable, Iterator

from pipelines.catalog.gate import Gate
from pipelines.evaluation.case import Case
from pipelines.evaluation.measure import Attachment, Measure, missing_measure
from pipelines.kinds.classification.evaluation.label_scores import ScoreTable, premise_errors, score_table
from pipelines.kinds.labelled.floors import (
    GATE_FIELDS,
    UNDER_FLOOR,
    gain_measures,
    label_recall_measure,
    overall_measures,
    texts_measure,
)


def measure_quality(case: Case) -> Iterator[Measure | Attachment]:
    """Measure the floors, and attach the scores of all contestants."""
    scores = case.shared(score_table)
    yield from scores.attachments()
    yield from premise_measures(len(case.test), scores)
    yield from floor_measures(scores, case.gate)
    yield from contestant_measures(scores)


def measure_baselines(case: Case) -> Iterable[Measure]:
    """Measure the gain over TF-IDF and the commonest label."""
    return baseline_measures(case.shared(score_table), case.gate)


def premise_measures(rows: int, scores: ScoreTable) -> Iterator[Measure]:
    """Check the premises of all other measures: texts, the declared labels, both contestants."""
    yield texts_measure(rows)
    for reason in premise_errors(scores):
        yield Measure("test.labels", None, direction="at least", premise=True, wording=reason)


def floor_measures(scores: ScoreTable, gate: Gate) -> Iterator[Measure]:
    """Compare overall scores and the recall of each label with their floors."""
    yield from overall_measures(scores.challenger.macro_f1, scores.challenger.accuracy, gate, "accuracy")
    if premise_errors(scores):
        yield missing_measure(UNDER_FLOOR, "the scores of each label", *GATE_FIELDS)
    else:
        yield label_recall_measure(scores.counts, set(scores.labels) - scores.counts.keys(), gate)


def contestant_measures(scores: ScoreTable) -> Iterator[Measure]:
    """Yield measures without limits: scores of the other contestants, and F1 by label."""
    if scores.champion:
        yield Measure("champion.macro_f1", scores.champion.macro_f1.value)
    for label, row in scores.per_label.items():
        yield Measure(f"test.f1.{label}", row.get("f1"))
    yield Measure("tfidf.macro_f1", scores.tfidf.macro_f1.value)
    yield Measure("majority.accuracy", scores.majority.accuracy.value)


def baseline_measures(scores: ScoreTable, gate: Gate) -> Iterator[Measure]:
    """Compare the gain over the baselines with the gate, if there is no champion; else it only informs."""
    accuracy_gain = scores.challenger.accuracy.value - scores.majority.accuracy.value
    refusal = "no more accurate than always saying the commonest label"
    yield from gain_measures(scores.lead, accuracy_gain, gate, first=scores.against is None, refusal=refusal)
