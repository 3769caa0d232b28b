"""Stored data of a rollout: additive counts, a shadow's answers, and customers' opinions on each version."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import select

from pipelines.store.database import open_database
from pipelines.store.feedback_filter import FeedbackFilter
from pipelines.store.feedback_rows import Feedback, Origin
from pipelines.store.predictions import Prediction
from pipelines.store.rollout_counts import Opinion, ShadowAnswer
from pipelines.store.tables import SHADOWS

SINCE = datetime(2026, 3, 1, tzinfo=UTC)


def answered(store, label="bad", customer="c", version=2, **more):
    facts = {"key": "k" * 64, "text": "so <EMAIL>", "score": 0.9, "payload": {"bad": 0.9, "good": 0.1}, **more}
    one = Prediction("mood", version, label=label, customer=customer, **facts)
    store.record([one])
    return one.id


def test_counts_add_up_whoever_counts_and_each_trial_has_its_own(store):
    store.add_rollout_counts("a", {("errors", "challenger"): (3, 1), ("errors", "champion"): (9, 0)})
    adding = [Thread(target=store.add_rollout_counts, args=("a", {("errors", "challenger"): (1, 1)})) for _ in range(8)]
    for one in adding:
        one.start()
    for one in adding:
        one.join()
    store.add_rollout_counts("b", {("errors", "challenger"): (1, 0)})
    assert store.rollout_counts("a") == {("errors", "challenger"): (11, 9), ("errors", "champion"): (9, 0)}
    assert store.rollout_counts("c") == {}


def test_a_shadow_keeps_its_answer_by_the_prediction_and_no_text(store, url):
    id = answered(store)
    store.record_shadow([ShadowAnswer(id, "a", "good", 0.7)])
    store.record_shadow([])
    with open_database(url).connect() as connection:
        assert connection.execute(select(SHADOWS)).all() == [(id, "a", "good", 0.7)]


@pytest.mark.parametrize(
    ("said", "displeased"),
    [
        ({"correct": True}, False),
        ({"correct": False}, True),
        ({"label": "bad"}, False),
        ({"label": "good"}, True),
        ({"rating": 5}, False),
        ({"rating": 3}, False),
        ({"rating": 2}, True),
        ({"correct": True, "rating": 1}, True),
        ({"comment": "well"}, None),
    ],
    ids=str,
)
def test_what_was_said_is_good_or_bad_or_says_nothing_of_the_answer(store, said, displeased):
    receipt = store.add(Feedback(answered(store), **said))
    expected = [] if displeased is None else [Opinion(receipt.id, 2, "c", displeased, "c")]
    assert store.opinions("mood", SINCE) == expected


def test_opinions_are_of_this_model_since_then_of_known_customers_and_of_answers_of_its_own(store):
    late = answered(store, version=3)
    ids = [
        answered(store, customer=None),
        answered(store, label="", payload={}),
        answered(store, time=SINCE - timedelta(days=1)),
        late,
    ]
    receipts = [store.add(Feedback(id, correct=False)) for id in ids]
    assert store.opinions("mood", SINCE) == [Opinion(receipts[-1].id, 3, "c", True, "c")]
    assert store.opinions("moods", SINCE) == []


def test_what_is_set_aside_is_no_opinion_and_news_for_whoever_judges(store):
    receipt = store.add(Feedback(answered(store), correct=False))
    before = store.feedback_counts(SINCE)
    store.feedback_cleanup().set_aside(FeedbackFilter(ids=(receipt.id,)))
    assert store.opinions("mood", SINCE) == []
    assert store.feedback_counts(SINCE) != before


def test_another_who_is_named_with_the_feedback_speaks_for_himself(store):
    receipt = store.add(Feedback(answered(store), correct=False, customer="other"))
    reviewed = store.add(Feedback(answered(store), correct=False), origin=Origin("desk", review=True))
    said = [(one.feedback, one.customer, one.author) for one in store.opinions("mood", SINCE)]
    assert said == [(receipt.id, "c", "other"), (reviewed.id, "c", "c")]
