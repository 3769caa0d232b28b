"""Evidence by hand: a scorecard that lets a challenger pass, but for what a test says."""

from pipelines.evaluation.agreement import Agreement
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.bootstrap import Interval
from pipelines.evaluation.burden import Burden
from pipelines.evaluation.calibration import Trust
from pipelines.evaluation.comparison import Comparison
from pipelines.evaluation.fairness import Fairness, Group
from pipelines.evaluation.recent import Recent
from pipelines.evaluation.scope import Scope
from pipelines.evaluation.scorecard import Doubts, Scorecard, Standing
from pipelines.evaluation.significance import Pairs

SOUND = {
    "known": ("a", "b"),
    "agreement": Agreement(100, 1),
    "trust": Trust(0.02, 0.2, ()),
    "scope": Scope(100, 0.4, 0.5, 0.8, 0.95),
    "burden": Burden(5.0, 20_000_000, 5.0, 20_000_000),
    "slices": (),
    "behaviour": (Capability("typos", "invariance", 60, 3),),
    "fairness": Fairness((Group("women", 80, 2),), 0.95, "a"),
    "harmful": (),
    "doubts": Doubts(0, 3),
    "recent": Recent(0, 0, enough=False, since=0),
}


def exactly(value):
    return Interval(value, value, value)


def against(value, low, high, gained=10, lost=10, **labels):
    labels = {"a": Pairs(0, 0), "b": Pairs(0, 0)} | labels
    return Comparison(Interval(value, low, high), Pairs(gained, lost), labels, ())


def card(macro_f1=0.9, accuracy=0.9, champion=None, lead=0.1, rows=1000, shown=None, **recalls):
    """`shown` replaces parts of what is sound; `recalls` are those of labels with 50 texts each."""
    recalls = recalls or {"a": 0.9, "b": 0.9}
    standing = Standing(exactly(macro_f1), exactly(accuracy))
    return Scorecard(
        rows=rows,
        labels=("a", "b"),
        challenger=standing,
        champion=standing if champion else None,
        majority=Standing(exactly(0.3), exactly(0.5)),
        tfidf=standing,
        against=champion,
        lead=exactly(lead),
        per_label={label: {"recall": recall, "support": 50.0} for label, recall in recalls.items()},
        confusion=((1, 0), (0, 1)),
        **{**SOUND, **(shown or {})},
    )
