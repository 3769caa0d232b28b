import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.catalog.gate import Behaviour, Gate, Slice
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.classification.evaluation.label_comparison import Comparison
from pipelines.promotion.decision import decide, gate_digest
from pipelines.statistics.bootstrap import Interval
from pipelines.statistics.significance import Pairs
from tests.pipelines.promotion.evidence import against, card, decided, measured

GATE = Gate(min_macro_f1=0.80, min_accuracy=0.80, margin=0.02, min_gain_over_baseline=0.05)


@pytest.mark.parametrize(
    ("evidence", "promoted"),
    [
        (card(0.79), False),
        (card(0.85, accuracy=0.79), False),
        (card(0.85), True),
        (card(0.85, lead=0.04), False),
        (card(0.85, champion=against(-0.01, -0.05, 0.03)), False),
        (card(0.85, champion=against(0.00, -0.01, 0.01)), True),
        (card(0.85, champion=against(0.03, 0.01, 0.05)), True),
        (card(0.79, champion=against(0.03, 0.01, 0.05)), False),
        (card(math.nan), False),
        (card(0.85, champion=against(math.nan, math.nan, math.nan)), False),
        (card(0.85, lead=math.nan), False),
        (card(0.85, a=0.9, b=0.0), False),
        (card(0.85, a=0.9, b=0.08), True),
        (card(0.85, champion=against(0.0, -0.01, 0.01, gained=20, lost=50)), False),
        (card(0.85, champion=against(0.03, 0.01, 0.05, gained=90, lost=40, a=Pairs(0, 15), b=Pairs(90, 25))), False),
        (card(0.85, champion=against(0.03, 0.01, 0.05, gained=90, lost=40, a=Pairs(6, 15), b=Pairs(84, 25))), True),
        (card(0.85, champion=against(0.03, 0.01, 0.05, gained=200, lost=110)), False),
        (card(0.85, champion=against(0.03, 0.01, 0.05), rows=0), False),
        (card(0.85, champion=against(0.03, 0.01, 0.05, 40, 4, a=Pairs(0, 4), b=Pairs(40, 0)), a=0.0, b=0.9), False),
        (card(0.85, accuracy=0.45), False),
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
        "a label that is lost",
        "a label that may be at the floor",
        "worse on single texts",
        "one label broken while the mean rises",
        "a label that may be worse by chance",
        "too many texts that were right",
        "no texts",
        "a rare label forgotten",
        "less accurate than the commonest label",
    ],
)
def test_only_a_worthy_challenger_is_promoted(evidence, promoted):
    assert decided(evidence, GATE).promote is promoted


@pytest.mark.parametrize(("support", "promoted"), [(20.0, False), (40.0, True)], ids=["of 20", "of 40"])
def test_a_label_that_falls_deep_is_seen_among_many(support, promoted):
    """Of 77 labels, 9 of 10 changed texts are not significant; a loss of 8 texts in 20 is a deep fall."""
    labels = {f"label {number}": Pairs(2, 2) for number in range(76)} | {"a": Pairs(1, 9)}
    per_label = {"a": {"recall": 0.5, "support": support}, "b": {"recall": 0.9, "support": 50.0}}
    champion = against(0.03, 0.01, 0.05, 200, 161, **labels)
    assert decided(card(champion=champion, rows=4000, table={"per_label": per_label}), GATE).promote is promoted


def test_every_reason_of_a_refusal_is_told():
    decision = decided(card(0.5, accuracy=0.6, lead=0.0), GATE)
    assert len(decision.reasons) == 3
    assert "macro-F1 0.500 is under the floor 0.800" in decision.reason


def test_superiority_is_claimed_only_when_the_interval_says_so():
    better = decided(card(0.85, champion=against(0.03, 0.01, 0.05)), GATE)
    as_good = decided(card(0.85, champion=against(0.03, -0.01, 0.05)), GATE)
    assert "better than the champion" in better.reason
    assert "no worse than the champion" in as_good.reason


def test_a_gate_that_asks_for_better_takes_no_worse_for_an_answer():
    better = GATE.model_copy(update={"hypothesis": "superior"})
    as_good = card(0.85, champion=against(0.00, -0.01, 0.01))
    assert decided(as_good, GATE).promote
    assert not decided(as_good, better).promote
    assert "not shown better than the champion" in decided(as_good, better).reason
    assert decided(card(0.85, champion=against(0.03, 0.01, 0.05)), better).promote


THRESHOLDS = [name for name in Gate.model_fields if name != "max_failure_rates"]


@pytest.mark.parametrize("name", THRESHOLDS)
@pytest.mark.parametrize("hole", [None, math.nan])
def test_a_gate_with_a_hole_refuses_whatever_the_evidence(name, hole):
    decision = decide(measured(*card(0.99), GATE), GATE.model_copy(update={name: hole}))
    assert not decision.promote
    assert f"declare gate.{name}" in decision.reason


@pytest.mark.parametrize(
    ("hole", "reason"),
    [
        ({"against": None}, "no evidence of the comparison with the champion"),
        ({"per_label": {}}, "no evidence of the scores of each label"),
        ({"per_label": {"a": {"recall": math.nan, "support": 5.0}}}, "no evidence of the scores of each label"),
        ({"per_label": {"a": {"recall": 0.9, "support": 50.0}}}, "no test text of b"),
        ({"known": ("a", "c")}, "it answers a, c; declared are a, b"),
        ({"against": Comparison(Interval(0, 0, 0), Pairs(1, 1), {}, ())}, "with the champion on each label"),
    ],
)
def test_a_scorecard_with_a_hole_refuses(hole, reason):
    decision = decided(card(champion=against(0.03, 0.01, 0.05), table=hole), GATE)
    assert not decision.promote
    assert reason in decision.reason


def test_without_texts_nothing_else_is_said():
    decision = decided(card(0.1, champion=against(0.03, 0.01, 0.05), rows=0), GATE)
    assert decision.reasons == ("no evidence of any test text; to evaluate again: needloop promote MODEL --version N",)


def test_what_was_measured_against_another_gate_refuses():
    stricter = GATE.model_copy(update={"min_macro_f1": 0.85})
    decision = decide(measured(*card(), GATE), stricter)
    assert decision.reasons == (
        "it was measured against another gate; to evaluate again: needloop promote MODEL --version N",
    )


@pytest.mark.parametrize("name", Gate.model_fields)
def test_a_threshold_that_no_measure_answers_refuses(name):
    found = measured(*card(champion=against(0.03, 0.01, 0.05)), GATE)
    alias = Gate.model_fields[name].alias or name  # the name in stored measures
    rest = tuple(measure for measure in found.measures if alias not in measure.gate)
    decision = decide(replace(found, measures=rest), GATE)
    assert f"no evidence of gate.{name}; to evaluate again: needloop promote MODEL --version N" in decision.reasons


def test_no_measures_refuse():
    assert not decide(Scorecard(1000, attachments={"gate": GATE.model_dump(mode="json")}), GATE).promote


def test_a_declared_slice_must_be_shown():
    required = Slice(by="channel", value="chat", min_accuracy=0.9, required=True)
    assert "no evidence of the slice 'channel chat'" in decided(card(), GATE, [required]).reason


def test_whatever_a_version_is_held_against_is_in_the_digest(topics, tmp_path):
    cases = tmp_path / "cases.csv"
    cases.write_text("text,label\nmy bag,baggage\n")
    told = topics.model_copy(update={"behaviour": Behaviour(cases=str(cases))})
    parts = topics.model_copy(update={"slices": (Slice(by="language", value="en"),)})
    digests = {gate_digest(one) for one in (topics, told, parts)}
    cases.write_text("text,label\nmy bag,delay\n")
    assert len(digests | {gate_digest(told)}) == 4


COUNT = st.integers(0, 60)


@given(
    st.floats(-0.1, 0.1), st.floats(0, 0.1), COUNT, COUNT, COUNT, COUNT, st.integers(0, 50), st.floats(0.5, 1),
    st.sampled_from(["macro", "gained", "lost", "recall", "accuracy"]), st.integers(1, 20),
)  # fmt: skip
def test_better_evidence_never_turns_a_promotion_into_a_refusal(
    gain, width, gained, lost, more, less, right, score, what, by
):
    def evidence(up):
        step = {name: up * by * (name == what) for name in ("macro", "gained", "lost", "recall", "accuracy")}
        one = Pairs(gained + step["gained"], max(0, lost - step["lost"]))
        other = Pairs(more, less)
        value = gain + step["macro"] / 100
        found = Comparison(
            Interval(value, value - width, value + width),
            Pairs(one.gained + other.gained, one.lost + other.lost),
            {"a": one, "b": other},
            (),
        )
        recall = min(50, right + step["recall"]) / 50
        return card(score + step["macro"] / 100, score + step["accuracy"] / 100, found, rows=400, a=recall, b=0.9)

    if decided(evidence(0), GATE).promote:
        assert decided(evidence(1), GATE).promote
