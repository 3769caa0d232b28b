"""Feedback rows listed, withdrawn and set aside: single rows, or all rows of a key or a customer."""

import pytest

from pipelines.store.feedback_cleanup import CleanupTotals
from pipelines.store.feedback_filter import FeedbackFilter
from pipelines.store.feedback_rows import Feedback, Origin
from pipelines.store.votes import Sender

HASH = "0123456789ab" + "c" * 52


@pytest.fixture
def feedback_ids(store, answer):
    """Five rows: two of key web (one of the customer HASH), one of a reviewer, one without a key, one of intent."""
    rows = [
        (Feedback(answer("k1").id, label="negative", customer=HASH), Origin("web")),
        (Feedback(answer("k2").id, correct=True), Origin("web")),
        (Feedback(answer("k3", customer=HASH).id, label="positive"), Origin("desk", review=True)),
        (Feedback(answer("k4", customer=HASH).id, rating=2, comment="so"), Origin()),
        (Feedback(answer("k5", model="intent").id, rating=1), Origin("app")),
    ]
    return [store.add(feedback, origin=origin).id for feedback, origin in rows]


@pytest.mark.parametrize(
    ("choice", "places"),
    [
        (FeedbackFilter(), [4, 3, 2, 1, 0]),
        (FeedbackFilter(keys=("web",)), [1, 0]),
        (FeedbackFilter(keys=("web", "desk")), [2, 1, 0]),
        (FeedbackFilter(keys=(None,)), [3]),
        (FeedbackFilter(keys=()), []),
        (FeedbackFilter(customers=(HASH,)), [3, 0]),
        (FeedbackFilter(customers=("x" * 64, HASH[:12])), [3, 0]),
        (FeedbackFilter(customers=("_%",)), []),
        (FeedbackFilter(keys=("web",), customers=(HASH,)), [0]),
        (FeedbackFilter(model="intent"), [4]),
    ],
)
def test_rows_are_chosen_by_their_sender(store, feedback_ids, choice, places):
    assert [row.id for row in store.feedback_cleanup().find(choice, 100)] == [feedback_ids[place] for place in places]
    assert store.feedback_cleanup().count(choice) == CleanupTotals(len(places), len(places), 0, 0)


def test_a_row_tells_what_was_said_of_which_text_and_by_whom(store, feedback_ids):
    key = store.create_key("front", ("feedback",)).split("_")[1]
    prediction = store.feedback_cleanup().find(FeedbackFilter(ids=(feedback_ids[0],)), 1)[0].prediction
    named = store.add(Feedback(prediction, correct=True), origin=Origin(key)).id
    first, second = (store.feedback_cleanup().find(FeedbackFilter(ids=(id,)), 9)[0] for id in (feedback_ids[0], named))
    assert (first.text, first.said, first.key, first.name, first.customer) == (
        "text of k1",
        "negative",
        "web",
        None,
        HASH,
    )
    assert (second.said, second.correct, second.key, second.name, second.review) == (
        "neutral",
        True,
        key,
        "front",
        False,
    )


def test_only_so_many_are_listed(store, feedback_ids):
    assert [row.id for row in store.feedback_cleanup().find(FeedbackFilter(), 2)] == feedback_ids[:-3:-1]


def test_rows_are_taken_back_for_good_and_counted_once(store, feedback_ids):
    labels, choice = store.feedback_cleanup(), FeedbackFilter(keys=("web",))
    assert labels.set_aside(FeedbackFilter(ids=(feedback_ids[0],))) == 1
    assert labels.count(choice) == CleanupTotals(2, 1, 0, 1)
    assert [labels.undo(choice), labels.undo(choice)] == [2, 0]
    assert labels.count(choice) == CleanupTotals(2, 0, 2, 0)
    assert labels.restore(choice) == 0
    assert labels.set_aside(choice) == 0
    assert labels.count(FeedbackFilter()) == CleanupTotals(5, 3, 2, 0)


def test_what_a_run_sets_aside_keeps_its_reason_until_somebody_looks_after_it(store, feedback_ids):
    labels = store.feedback_cleanup()
    assert labels.set_sender_aside("sentiment", Sender("web"), "shares") == 2
    (aside,) = labels.aside()
    assert (aside.model, aside.rows, aside.reason) == ("sentiment", 2, "shares")
    assert [row.reason for row in labels.find(FeedbackFilter(aside=True), 9)] == ["shares", "shares"]
    labels.undo(FeedbackFilter(ids=(feedback_ids[0],)))
    labels.restore(FeedbackFilter(ids=(feedback_ids[1],)))
    assert labels.aside() == []
    labels.set_aside(FeedbackFilter(ids=(feedback_ids[1],)))
    assert labels.aside() == []


def test_a_run_sets_aside_one_customer_or_a_whole_key_but_never_what_a_reviewer_decided(store, feedback_ids):
    labels = store.feedback_cleanup()
    assert labels.set_sender_aside("sentiment", Sender("desk"), "shares") == 0
    assert labels.set_sender_aside("sentiment", Sender("web", HASH, customers=True), "shares") == 1
    assert labels.set_sender_aside("sentiment", Sender(None, HASH, customers=True), "shares") == 1
    assert labels.set_sender_aside("intent", Sender("web"), "shares") == 0
    assert [row.id for row in labels.find(FeedbackFilter(aside=True), 9)] == [feedback_ids[3], feedback_ids[0]]
