"""Evidence made by hand: complete and sound, except for the parts that a test replaces."""

from dataclasses import dataclass, fields

from pipelines.evaluation.behaviour.capabilities import behaviour_measures
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.fairness import Fairness, Group, fairness_measures
from pipelines.evaluation.harm import harm_measure
from pipelines.evaluation.measure import Attachment
from pipelines.evaluation.package_parity import Agreement, parity_measure
from pipelines.evaluation.recent_feedback import RecentScores, recent_measures
from pipelines.evaluation.scorecard import build_scorecard
from pipelines.evaluation.serving_cost import ServingCost, serving_cost_measures
from pipelines.evaluation.slices import SliceScore, slice_measures
from pipelines.kinds.classification.evaluation.doubts import DataWarnings, data_measures
from pipelines.kinds.classification.evaluation.label_calibration import Calibration
from pipelines.kinds.classification.evaluation.label_comparison import Comparison
from pipelines.kinds.classification.evaluation.label_confidence import calibration_measures, scope_measures
from pipelines.kinds.classification.evaluation.label_quality import (
    baseline_measures,
    contestant_measures,
    floor_measures,
    premise_measures,
)
from pipelines.kinds.classification.evaluation.label_scores import Scores, ScoreTable
from pipelines.kinds.classification.evaluation.label_superiority import superiority_measures
from pipelines.kinds.classification.evaluation.out_of_scope_recall import OutOfScopeScores
from pipelines.promotion.decision import decide
from pipelines.statistics.bootstrap import Interval
from pipelines.statistics.significance import Pairs

SOUND = {
    "agreement": Agreement(100, 1),
    "trust": Calibration(0.02, 0.2, ()),
    "scope": OutOfScopeScores(100, 0.4, 0.5, 0.8, 0.95),
    "burden": ServingCost(5.0, 20_000_000, 5.0, 20_000_000),
    "slices": (),
    "behaviour": (Capability("typos", "invariance", 60, 3),),
    "fairness": Fairness((Group("women", 80, 2),), 0.95, "a"),
    "harmful": (),
    "doubts": DataWarnings(0, 3),
    "recent": RecentScores(0, 0, enough=False, since=0),
}


@dataclass(frozen=True)
class Evidence:
    """The parts of the evidence beside the scores; None is a part that was not measured."""

    agreement: Agreement | None
    trust: Calibration | None
    scope: OutOfScopeScores | None
    burden: ServingCost | None
    slices: tuple[SliceScore, ...] | None
    behaviour: tuple[Capability, ...] | None
    fairness: Fairness | None
    harmful: tuple[str, ...] | None
    doubts: DataWarnings | None
    recent: RecentScores | None


def measured(rows, table, parts, gate):
    """The scorecard of hand-made evidence, in the order of the measures."""
    evidence = Evidence(**parts)
    measures = (
        *premise_measures(rows, table),
        *floor_measures(table, gate),
        *contestant_measures(table),
        parity_measure(evidence.agreement, gate),
        *serving_cost_measures(evidence.burden, gate),
        *calibration_measures(evidence.trust, gate),
        *scope_measures(evidence.scope, gate),
        *behaviour_measures(evidence.behaviour, gate),
        *fairness_measures(evidence.fairness, gate),
        harm_measure(evidence.harmful),
        *slice_measures(evidence.slices, gate),
        *recent_measures(evidence.recent, gate),
        *data_measures(evidence.doubts),
        *superiority_measures(rows, table, gate),
        *baseline_measures(table, gate),
    )
    attached = (Attachment(field.name, getattr(evidence, field.name)) for field in fields(evidence))
    return build_scorecard(rows, gate, (*measures, *table.attachments(), *attached))


def decided(evidence, gate, declared=()):
    """The decision on rows, scores and the other evidence."""
    return decide(measured(*evidence, gate), gate, declared)


def exactly(value):
    return Interval(value, value, value)


def against(value, low, high, gained=10, lost=10, **labels):
    labels = {"a": Pairs(0, 0), "b": Pairs(0, 0)} | labels
    return Comparison(Interval(value, low, high), Pairs(gained, lost), labels, ())


def card(macro_f1=0.9, accuracy=0.9, champion=None, lead=0.1, rows=1000, parts=None, table=None, **recalls):
    """`parts` and `table` replace sound evidence and scores; `recalls` are those of labels with 50 texts each."""
    recalls = recalls or {"a": 0.9, "b": 0.9}
    standing = Scores(exactly(macro_f1), exactly(accuracy))
    sound = {
        "labels": ("a", "b"),
        "challenger": standing,
        "champion": standing if champion else None,
        "majority": Scores(exactly(0.3), exactly(0.5)),
        "tfidf": standing,
        "against": champion,
        "lead": exactly(lead),
        "per_label": {label: {"recall": recall, "support": 50.0} for label, recall in recalls.items()},
        "confusion": ((1, 0), (0, 1)),
        "known": ("a", "b"),
    }
    return rows, ScoreTable(**(sound | (table or {}))), SOUND | (parts or {})
