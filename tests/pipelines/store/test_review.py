"""The review queue: its order, and the texts that leave it or come back."""

import pytest

from pipelines.kinds.classification.wire import margin
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.store import review
from pipelines.store.feedback_rows import Feedback, Origin
from pipelines.store.votes import AllowedCells
from tests.pipelines.store.conftest import ids


def queue(store, limit=10):
    return [one.prediction.key for one in store.review("sentiment", limit, ())]


def test_the_most_useful_come_first(store, say):
    say("sure", 0.9, 0.1)
    say("between two", 0.5, 0.45, 0.05)
    say("abstained, sure", 0.8, 0.2, abstained=True)
    say("abstained", 0.4, 0.35, 0.25, abstained=True)
    store.add(Feedback(say("wrong, they say", 0.99, 0.01), correct=False))
    say("not mine", 0.5, 0.5, model="intent")
    assert queue(store) == ["wrong, they say", "abstained", "abstained, sure", "between two", "sure"]
    assert queue(store, 2) == ["wrong, they say", "abstained"]


def test_each_text_waits_once_with_its_newest_answer(store, say):
    say("asked twice", 0.5, 0.5)
    last = say("asked twice", 0.9, 0.1, minute=1)
    assert ids(store.review("sentiment", 10, ())) == [last]


def test_a_text_waits_until_somebody_says_its_label_and_again_when_that_is_taken_back(store, say):
    first = say("asked twice", 0.5, 0.5)
    say("asked twice", 0.9, 0.1, minute=1)
    store.add(Feedback(first, rating=1))
    assert queue(store) == ["asked twice"]
    receipt = store.add(Feedback(first, label="b"))
    assert queue(store) == []
    store.undo(receipt.id)
    assert queue(store) == ["asked twice"]


def test_what_a_paused_model_was_asked_does_not_wait(store, say):
    say("paused")
    assert queue(store) == []


@pytest.mark.parametrize(
    ("scores", "expected"), [({"a": 0.75, "b": 0.25}, 0.5), ({"a": 0.4}, 0.4), ({}, 0.0)], ids=["two", "one", "none"]
)
def test_the_margin_is_between_the_two_most_probable(scores, expected):
    assert margin(scores) == expected


def test_a_tie_comes_before_all_however_old_its_message_is(store, say, monkeypatch):
    old = say("tied", 0.9, 0.1)
    again = say("tied", 0.9, 0.1, minute=1)
    store.add(Feedback(old, label="a", customer="one"))
    store.add(Feedback(again, label="b", customer="other"))
    store.add(Feedback(say("wrong, they say", 0.5, 0.5, minute=2), correct=False))
    assert queue(store) == ["tied", "wrong, they say"]
    monkeypatch.setattr(review, "NEWEST", 2)
    say("newer", 0.5, 0.5, minute=3)
    assert ids(store.review("sentiment", 1, ())) == [again]
    store.add(Feedback(again, label="a"), origin=Origin("desk", review=True))
    assert "tied" not in queue(store)


def test_a_label_that_may_not_be_learnt_any_more_leaves_its_text_to_review(store, say):
    store.add(Feedback(say("k", 0.9, 0.1), label="gone"))
    assert queue(store) == []
    assert [one.prediction.key for one in store.review("sentiment", 9, (), AllowedCells(("a", "b")))] == ["k"]


def test_what_no_label_fits_waits_until_a_reviewer_says_so_and_is_told(store, say):
    neither = Feedback(say("neither", 0.9, 0.1), none_fits=True, correct=False)
    say("sure", 0.8, 0.2)
    store.add(neither)
    assert queue(store) == ["neither", "sure"], "a customer's word is a reason to look"
    store.add(neither, origin=Origin("desk", review=True))
    assert queue(store) == ["sure"]
    found = {one.prediction.key: one for one in store.messages("sentiment", 9, None, (), AllowedCells(("a", "b")))}
    assert (found["neither"].taught, [one.none for one in found["neither"].said]) == ("", [True, True])


def test_several_labels_are_voted_on_in_the_order_of_the_declaration(store, say):
    target = LabelSets(labels=("a", "b"))
    for number, (label, customer) in enumerate([("b;a", "one"), ("a;b", "two"), ("b", "three"), ("a;c", "four")]):
        store.add(Feedback(say("k", 0.9, 0.1, minute=number), label=label, customer=customer))
    store.add(Feedback(say("gone", 0.5, 0.5), label="c"))
    vocabulary = store.vocabulary("sentiment", target)
    assert vocabulary.otherwise == {"b;a": "a;b", "a;c": None, "c": None}
    assert [(one.key, one.label) for one in store.labelled_texts("sentiment", vocabulary)] == [("k", "a;b")]
    assert [one.prediction.key for one in store.review("sentiment", 9, (), vocabulary)] == ["gone"]
