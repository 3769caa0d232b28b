import math

import pytest

from pipelines.catalog import Gate
from pipelines.evaluation.bootstrap import Interval
from pipelines.evaluation.scorecard import Scorecard, Standing
from pipelines.promotion.decision import decide

GATE = Gate(macro_f1=0.80, accuracy=0.80, margin=0.02, lead=0.05)


def exactly(value):
    return Interval(value, value, value)


def card(macro_f1, accuracy=0.9, champion=None, difference=None, lead=0.1):
    standing = Standing(exactly(macro_f1), exactly(accuracy))
    return Scorecard(
        rows=100,
        labels=("a", "b"),
        challenger=standing,
        champion=standing if champion else None,
        majority=standing,
        tfidf=standing,
        difference=difference,
        lead=exactly(lead),
        per_label={},
        confusion=((1, 0), (0, 1)),
    )


@pytest.mark.parametrize(
    ("evidence", "promoted"),
    [
        (card(0.79), False),
        (card(0.85, accuracy=0.79), False),
        (card(0.85), True),
        (card(0.85, lead=0.04), False),
        (card(0.85, champion=True, difference=Interval(-0.01, -0.05, 0.03)), False),
        (card(0.85, champion=True, difference=Interval(0.00, -0.01, 0.01)), True),
        (card(0.85, champion=True, difference=Interval(0.03, 0.01, 0.05)), True),
        (card(0.79, champion=True, difference=Interval(0.03, 0.01, 0.05)), False),
        (card(math.nan), False),
        (card(0.85, champion=True, difference=Interval(math.nan, math.nan, math.nan)), False),
        (card(0.85, lead=math.nan), False),
    ],
    ids=[
        "under the floor",
        "under the accuracy floor",
        "first of its kind",
        "no better than TF-IDF",
        "maybe much worse",
        "as good",
        "better",
        "better but under the floor",
        "no evidence",
        "no comparison",
        "no baseline",
    ],
)
def test_only_a_worthy_challenger_is_promoted(evidence, promoted):
    assert decide(evidence, GATE).promote is promoted


def test_every_reason_of_a_refusal_is_told():
    decision = decide(card(0.5, accuracy=0.5, lead=0.0), GATE)
    assert len(decision.reasons) == 3
    assert "macro-F1 0.500 is under the floor 0.800" in decision.reason


def test_superiority_is_claimed_only_when_the_interval_says_so():
    better = decide(card(0.85, champion=True, difference=Interval(0.03, 0.01, 0.05)), GATE)
    as_good = decide(card(0.85, champion=True, difference=Interval(0.03, -0.01, 0.05)), GATE)
    assert "better than the champion" in better.reason
    assert "no worse than the champion" in as_good.reason
