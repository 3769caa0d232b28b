"""The status of a rollout: the assignment of customers, the counted opinions, and the sentences about it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.promotion.rollout_status import first_opinions, guard_samples, in_canary, started_at, status
from pipelines.promotion.sequential import BernoulliCount
from pipelines.store.rollout_counts import Opinion
from tests.pipelines.ledger.made import entry

CUSTOMERS = [f"{number:064x}" for number in range(4000)]
TIME = "2026-03-01T10:00:00.000+00:00"


def trial(event="canary", share=0.1, version=2, model="mood"):
    terms = {"share": share, "hours": 3} if event == "canary" else {}
    return entry(event, model, version, reasons=("to see",), champion=1, time=TIME, **terms)


CANARY = trial()
PICKED = [one for one in CUSTOMERS if in_canary(one, CANARY)]
OTHERS = [one for one in CUSTOMERS if not in_canary(one, CANARY)]


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_a_share_of_the_customers_is_picked(share):
    found = sum(in_canary(one, trial(share=share)) for one in CUSTOMERS) / len(CUSTOMERS)
    assert found == pytest.approx(share, abs=0.03)


@given(st.text(), st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_larger_share_keeps_those_who_were_picked(customer, one, other):
    if in_canary(customer, trial(share=min(one, other))):
        assert in_canary(customer, trial(share=max(one, other)))


@pytest.mark.parametrize("other", [trial(version=3), trial(model="intent")], ids=["version", "model"])
def test_another_canary_picks_other_customers(other):
    both = sum(in_canary(one, other) for one in PICKED) / len(PICKED)
    assert both == pytest.approx(0.1, abs=0.06)


def opinion(feedback, version, customer, displeased, author=None):
    return Opinion(feedback, version, customer, displeased, author or customer)


def test_each_customer_counts_once_by_the_first_word_and_only_for_who_is_to_answer_them():
    opinions = [
        opinion(1, 2, PICKED[0], True),
        opinion(2, 2, PICKED[0], False),
        opinion(3, 2, PICKED[1], False),
        opinion(4, 1, PICKED[2], True),  # the champion, in place of a failed challenger
        opinion(5, 1, OTHERS[0], False),
        opinion(6, 1, OTHERS[0], True),
        opinion(7, 3, OTHERS[1], True),
    ]
    found = guard_samples(CANARY, {}, first_opinions(CANARY, opinions))["satisfaction"]
    assert (found.challenger, found.champion) == (BernoulliCount(2, 1), BernoulliCount(1, 0))


def test_an_author_who_complains_of_everybodys_answers_counts_once():
    opinions = [opinion(number, 2, one, True, "troll") for number, one in enumerate(PICKED[:50])]
    found = guard_samples(CANARY, {}, first_opinions(CANARY, [*opinions, opinion(99, 2, PICKED[0], False)]))[
        "satisfaction"
    ]
    assert found.challenger == BernoulliCount(2, 1)


@pytest.mark.parametrize(
    ("hours", "answers", "verdict"),
    [(1, 5000, "running"), (3, 100, "no harm seen"), (9, 99, "too little seen: 99 of 100 answers")],
)
def test_a_canary_is_told_to_have_done_no_harm_after_its_hours_and_some_answers(hours, answers, verdict):
    now = started_at(CANARY) + timedelta(hours=hours)
    told = status(CANARY, {("errors", "challenger"): (answers, 0)}, {}, now)
    assert (told["verdict"], told["share"], told["hours"]) == (verdict, 0.1, 3)
    assert told["guards"][0]["challenger"] == {"tries": answers, "hits": 0}


def test_a_shadow_is_told_by_how_often_it_agrees_on_each_label():
    counts = {("agreement", "bad"): (8, 6), ("agreement", "good"): (2, 2), ("copies", "dropped"): (5, 5)}
    told = status(trial("shadow"), counts, {})
    assert (told["answers"], told["agreement"], told["dropped"], told["failed"]) == (10, 0.8, 5, 0)
    assert told["labels"][0] == {"label": "bad", "answers": 8, "agreement": 0.75}
    assert status(trial("shadow"), {}, {})["agreement"] is None


def test_where_answers_have_several_labels_texts_are_counted_once_and_each_label_by_itself():
    counts = {("agreement", ""): (10, 7), ("labels", "delay"): (8, 6), ("labels", "staff"): (5, 5)}
    told = status(trial("shadow"), counts, {})
    assert (told["answers"], told["agreement"]) == (10, 0.7)
    assert [(one["label"], one["answers"], one["agreement"]) for one in told["labels"]] == [
        ("delay", 8, 0.75),
        ("staff", 5, 1.0),
    ]
