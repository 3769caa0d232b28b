"""Evidence by hand: what lets a challenger pass, but for what a test says."""

from dataclasses import dataclass, fields

from pipelines.evaluation.behaviour.capabilities import conducted
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.bootstrap import Interval
from pipelines.evaluation.fairness import Fairness, Group, equitable
from pipelines.evaluation.harm import harmless
from pipelines.evaluation.measure import Attachment
from pipelines.evaluation.package_parity import Agreement, faithful
from pipelines.evaluation.recent_feedback import Recent, up_to_date
from pipelines.evaluation.scorecard import gathered
from pipelines.evaluation.serving_cost import ServingCost, bearable
from pipelines.evaluation.significance import Pairs
from pipelines.evaluation.slices import SliceScore, parted
from pipelines.kinds.classification.evaluation.doubts import Doubts, dispelled
from pipelines.kinds.classification.evaluation.label_calibration import Trust
from pipelines.kinds.classification.evaluation.label_comparison import Comparison
from pipelines.kinds.classification.evaluation.label_confidence import told_apart, trusted
from pipelines.kinds.classification.evaluation.label_quality import contestants, floors, over_the_baselines, premises
from pipelines.kinds.classification.evaluation.label_scores import Standing, Standings
from pipelines.kinds.classification.evaluation.label_superiority import against_champion
from pipelines.kinds.classification.evaluation.out_of_scope_recall import Scope
from pipelines.promotion.decision import decide

SOUND = {
    "agreement": Agreement(100, 1),
    "trust": Trust(0.02, 0.2, ()),
    "scope": Scope(100, 0.4, 0.5, 0.8, 0.95),
    "burden": ServingCost(5.0, 20_000_000, 5.0, 20_000_000),
    "slices": (),
    "behaviour": (Capability("typos", "invariance", 60, 3),),
    "fairness": Fairness((Group("women", 80, 2),), 0.95, "a"),
    "harmful": (),
    "doubts": Doubts(0, 3),
    "recent": Recent(0, 0, enough=False, since=0),
}


@dataclass(frozen=True)
class Evidence:
    """What was found beyond who is right; none was not shown."""

    agreement: Agreement | None
    trust: Trust | None
    scope: Scope | None
    burden: ServingCost | None
    slices: tuple[SliceScore, ...] | None
    behaviour: tuple[Capability, ...] | None
    fairness: Fairness | None
    harmful: tuple[str, ...] | None
    doubts: Doubts | None
    recent: Recent | None


def measured(rows, found, shown, gate):
    """The scorecard of hand-made evidence, in the order of the measures."""
    more = Evidence(**shown)
    measures = (
        *premises(rows, found),
        *floors(found, gate),
        *contestants(found),
        faithful(more.agreement, gate),
        *bearable(more.burden, gate),
        *trusted(more.trust, gate),
        *told_apart(more.scope, gate),
        *conducted(more.behaviour, gate),
        *equitable(more.fairness, gate),
        harmless(more.harmful),
        *parted(more.slices, gate),
        *up_to_date(more.recent, gate),
        *dispelled(more.doubts),
        *against_champion(rows, found, gate),
        *over_the_baselines(found, gate),
    )
    attached = (Attachment(one.name, getattr(more, one.name)) for one in fields(more))
    return gathered(rows, gate, (*measures, *found.attachments(), *attached))


def decided(evidence, gate, declared=()):
    """The decision on rows, standings and what else was shown."""
    return decide(measured(*evidence, gate), gate, declared)


def exactly(value):
    return Interval(value, value, value)


def against(value, low, high, gained=10, lost=10, **labels):
    labels = {"a": Pairs(0, 0), "b": Pairs(0, 0)} | labels
    return Comparison(Interval(value, low, high), Pairs(gained, lost), labels, ())


def card(macro_f1=0.9, accuracy=0.9, champion=None, lead=0.1, rows=1000, shown=None, told=None, **recalls):
    """`shown` and `told` replace parts of what is sound; `recalls` are those of labels with 50 texts each."""
    recalls = recalls or {"a": 0.9, "b": 0.9}
    standing = Standing(exactly(macro_f1), exactly(accuracy))
    found = {
        "labels": ("a", "b"),
        "challenger": standing,
        "champion": standing if champion else None,
        "majority": Standing(exactly(0.3), exactly(0.5)),
        "tfidf": standing,
        "against": champion,
        "lead": exactly(lead),
        "per_label": {label: {"recall": recall, "support": 50.0} for label, recall in recalls.items()},
        "confusion": ((1, 0), (0, 1)),
        "known": ("a", "b"),
    }
    return rows, Standings(**(found | (told or {}))), SOUND | (shown or {})
