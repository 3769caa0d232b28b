"""Demands of a gate beside the scores: each can refuse by itself, and so does a missing measure."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.catalog.gate import Gate
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.fairness import Fairness, Group
from pipelines.evaluation.package_parity import Agreement
from pipelines.evaluation.recent_feedback import RecentScores
from pipelines.evaluation.serving_cost import ServingCost
from pipelines.evaluation.slices import SliceScore
from pipelines.kinds.classification.evaluation.doubts import DataWarnings
from pipelines.kinds.classification.evaluation.label_calibration import Calibration
from pipelines.kinds.classification.evaluation.out_of_scope_recall import OutOfScopeScores
from pipelines.promotion.decision import decide
from tests.pipelines.promotion import evidence
from tests.pipelines.promotion.evidence import SOUND, against, card

GATE = Gate(
    min_macro_f1=0.80,
    min_accuracy=0.80,
    margin=0.02,
    min_gain_over_baseline=0.05,
    min_oos_recall=0.3,
    max_failure_rates={"negation": 0.1},
)
NEGATION = Capability("negation", "direction", 40, 2)
SHOWN = SOUND | {"behaviour": (*SOUND["behaviour"], NEGATION)}


def part(texts, right, floor=0.5, least=50, required=False):
    return SliceScore("channel chat", texts, right, None, texts >= least, floor, required)


def recent_scores(texts, right, gained=10, lost=10):
    return RecentScores(texts, right, texts >= 50, 1, against(0.0, -0.1, 0.1, gained, lost))


def decided(gate=GATE, **parts):
    return evidence.decided(card(parts=SHOWN | parts), gate)


def test_sound_evidence_is_promoted():
    assert decided().promote


@pytest.mark.parametrize("what", SOUND)
def test_what_was_not_shown_refuses(what):
    decision = decided(**{what: None})
    assert not decision.promote
    assert decision.reason.startswith("no evidence of")


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (
            {"agreement": Agreement(100, 6)},
            "the service differs from the trained network in 6.0%, at most 5.0% is allowed",
        ),
        ({"agreement": Agreement(0, 0)}, "differs from the trained network in nan%"),
        ({"trust": Calibration(0.16, 0.2, ())}, "confidence is off by 16.0%, at most 15.0% is allowed"),
        ({"trust": Calibration(math.nan, 0.2, ())}, "confidence is off by nan%"),
        (
            {"scope": OutOfScopeScores(100, 0.4, 0.2, 0.8, 0.95)},
            "recognises 20.0% of out-of-scope texts; at least 30.0% is required",
        ),
        ({"scope": OutOfScopeScores(0, 0.4, math.nan, math.nan, 0.95)}, "recognises nan% of out-of-scope texts"),
        ({"burden": ServingCost(600.0, 20_000_000)}, "one text takes 600.0 ms, at most 500.0 ms is allowed"),
        ({"burden": ServingCost(9.0, 20_000_000, 5.0, 1)}, "ratio to the champion's 1.80, at most 1.50 is allowed"),
        ({"burden": ServingCost(5.0, 1_200_000_000)}, "the package has 1200.0 MB, at most 1000.0 MB is allowed"),
        ({"behaviour": ()}, "no evidence of behaviour"),
        ({"behaviour": (NEGATION, Capability("case", "invariance", 60, 30))}, "case failed 30 of 60, 50.0%"),
        ({"behaviour": (replace(NEGATION, failed=5),)}, "negation failed 5 of 40, 12.5%, at most 10.0% is allowed"),
        ({"behaviour": SOUND["behaviour"]}, "no evidence of the capability 'negation'"),
        ({"behaviour": (NEGATION, Capability("typos", "invariance", 0, 0))}, "typos failed 0 of 0, 100.0%"),
        ({"behaviour": (NEGATION, Capability("off-topic", "minimum functionality", 10, 8))}, "off-topic failed 8"),
        ({"fairness": Fairness((), 1.0, "")}, "no evidence of fairness"),
        ({"fairness": Fairness((Group("men", 80, 20),), 1.0, "")}, "answers change for men in 25.0%"),
        ({"fairness": Fairness((Group("men", 80, 0),), 0.7, "b")}, "b goes to one group at 0.70 of another's rate"),
        ({"harmful": ("idiot",)}, "labels contain harmful words: idiot"),
        ({"slices": (part(100, 30),)}, "slices under their floor: channel chat (30 of 100)"),
        ({"slices": (part(20, 20, required=True),)}, "insufficient texts of required slices: channel chat (20)"),
        ({"recent": recent_scores(100, 60)}, "60 of 100 recent texts are right, under the floor 0.800"),
        ({"recent": recent_scores(200, 180, gained=5, lost=20)}, "worse than the champion on recent texts"),
        ({"doubts": DataWarnings(1, 0)}, "1 train texts are nearly test texts"),
    ],
)
def test_each_demand_refuses_by_itself(shown, reason):
    decision = decided(**shown)
    assert not decision.promote
    assert len(decision.reasons) == 1
    assert reason in decision.reason


@pytest.mark.parametrize(
    "shown",
    [
        {"slices": (part(20, 0),)},
        {"slices": (part(100, 47),)},
        {"recent": recent_scores(20, 0, lost=20)},
        {"recent": recent_scores(100, 76)},
        {"burden": ServingCost(5.0, 20_000_000)},
        {"behaviour": (NEGATION, Capability("off-topic", "minimum functionality", 10, 7))},
    ],
    ids=["too few of a slice", "a slice by chance", "too few recent", "recent by chance", "no champion", "off-topic"],
)
def test_what_says_nothing_does_not_refuse(shown):
    assert decided(**shown).promote


def test_a_hole_in_a_capability_refuses():
    holed = GATE.model_copy(update={"max_failure_rates": {"negation": None}})
    decision = decide(evidence.measured(*card(parts=SHOWN), GATE), holed)
    assert "declare gate.max_failure_rates.negation" in decision.reason


COUNT = st.integers(0, 60)


@given(COUNT, COUNT, COUNT, COUNT, st.floats(0, 1), st.floats(0, 1), st.floats(0, 40), st.sampled_from(range(8)))
def test_better_evidence_of_conduct_never_turns_a_promotion_into_a_refusal(
    differ, failed, flipped, right, error, ratio, slow, what
):
    def evidence_parts(up):
        one = [up * (what == number) for number in range(8)]
        return {
            "agreement": Agreement(60, max(0, differ - one[0])),
            "behaviour": (NEGATION, Capability("case", "invariance", 60, max(0, failed - one[1]))),
            "fairness": Fairness((Group("men", 60, max(0, flipped - one[2])),), min(1, ratio + one[5] / 10), "a"),
            "slices": (part(60, min(60, right + one[3]), required=True),),
            "recent": recent_scores(60, min(60, right + one[3])),
            "trust": Calibration(max(0.0, error - one[4] / 10), 0.2, ()),
            "scope": OutOfScopeScores(60, 0.4, min(1, ratio + one[6] / 10), 0.8, 0.9),
            "burden": ServingCost(max(0.1, slow - one[7]), 20_000_000, 10.0, 20_000_000),
        }

    if decided(**evidence_parts(0)).promote:
        assert decided(**evidence_parts(1)).promote
