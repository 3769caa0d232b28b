"""Quality measures of label sets: floors, every label, and the gain over baselines."""

from collections.abc import Iterator

from pipelines.catalog.gate import Gate
from pipelines.evaluation.case import CHALLENGER, Case
from pipelines.evaluation.measure import Attachment, Measure
from pipelines.evaluation.paired import Paired
from pipelines.inference.artefact import read_package_metadata
from pipelines.kinds.known import target_of_card
from pipelines.kinds.labelled.floors import gain_measures, label_recall_measure, overall_measures, texts_measure
from pipelines.kinds.multilabel.evaluation.set_scores import ATTACHED, SetScoreTable, score_table


def measure_quality(case: Case) -> Iterator[Measure | Attachment]:
    """Check the premises, measure the floors, and attach the scores of all contestants."""
    scores = case.shared(score_table)
    yield Attachment(ATTACHED, scores)
    yield Attachment("against", scores.against and Paired(scores.against.whole, scores.against.lost))
    yield from premise_measures(case)
    yield from floor_measures(scores, case.gate)
    yield from contestant_measures(scores)


def premise_measures(case: Case) -> Iterator[Measure]:
    """Check the premises of all other measures: test texts, and a challenger of the declared labels."""
    yield texts_measure(len(case.test))
    known = target_of_card(read_package_metadata(case.service.packages[CHALLENGER]))
    if not known.is_compatible_with(case.spec.target):
        refusal = f"it answers {known.expected}; declared are {case.spec.target.expected}; run: needloop train MODEL"
        yield Measure("test.labels", None, direction="at least", premise=True, wording=refusal)


def floor_measures(scores: SetScoreTable, gate: Gate) -> Iterator[Measure]:
    """Compare macro-F1, the share of exact sets and the recall of each label with their floors."""
    yield from overall_measures(
        scores.challenger.macro_f1, scores.challenger.accuracy, gate, "texts with exactly their labels"
    )
    yield label_recall_measure(scores.counts, [label for label, (_, texts) in scores.counts.items() if not texts], gate)


def contestant_measures(scores: SetScoreTable) -> Iterator[Measure]:
    """Yield measures without limits: micro-F1, scores of the other contestants, and F1 by label."""
    micro = scores.challenger.micro_f1
    yield Measure("test.micro_f1", micro.value, micro.low, micro.high)
    if scores.champion:
        yield Measure("champion.macro_f1", scores.champion.macro_f1.value)
    for label, row in scores.per_label.items():
        yield Measure(f"test.f1.{label}", row.f1)
    yield Measure("tfidf.macro_f1", scores.tfidf.macro_f1.value)
    yield Measure("majority.accuracy", scores.commonest.accuracy.value)


def measure_baselines(case: Case) -> Iterator[Measure]:
    """Measure the gain over TF-IDF and the commonest set; it only informs if there is a champion."""
    scores = case.shared(score_table)
    accuracy_gain = scores.challenger.accuracy.value - scores.commonest.accuracy.value
    refusal = "no more texts right whole than by always giving the commonest labels"
    yield from gain_measures(scores.lead, accuracy_gain, case.gate, first=scores.against is None, refusal=refusal)
