from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from pipelines.kinds.classification.wire import margin
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.store import quota, review
from pipelines.store.database import open_database
from pipelines.store.feedback_filter import FeedbackFilter
from pipelines.store.feedback_rows import Feedback, Origin, UnknownPrediction
from pipelines.store.message_feedback import MAX_COMMENT, MAX_ROWS
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from pipelines.store.votes import AllowedCells

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def record_answers(store, count, model="sentiment"):
    """Store answers, three in each second, so that time alone does not decide their order."""
    times = [NOON + timedelta(seconds=n // 3) for n in range(count)]
    made = [Prediction(model, 1, f"k{n}", f"text {n}", "a", 0.5, {"a": 1.0}, time=at) for n, at in enumerate(times)]
    store.record(made)
    return sorted(made, key=lambda one: (one.time, one.id), reverse=True)


def ids(found):
    return [one.prediction.id for one in found]


def test_pages_one_after_another_hold_every_message_once_and_the_newest_first(store):
    made, found, before = record_answers(store, 25), [], None
    record_answers(store, 5, model="intent")
    while part := store.messages("sentiment", 7, before, ()):
        found += ids(part)
        before = found[-1]
    assert found == [one.id for one in made]


def test_a_page_after_no_message_is_refused(store):
    with pytest.raises(UnknownPrediction):
        store.messages("sentiment", 7, "nobody", ())


def test_what_was_said_and_what_others_answered_comes_with_a_message(store, answer):
    mine, first, last = answer("k1"), answer("k1", "delay", "intent"), answer("k1", "refund", "intent")
    answer("k1", "other", "unwanted")
    assert first.time <= last.time
    said = store.add(Feedback(mine.id, label="positive", rating=2))
    taken = store.add(Feedback(mine.id, correct=True))
    store.undo(taken.id)
    (found,) = store.messages("sentiment", 10, None, ["intent"])
    assert [(one.id, one.label, one.rating) for one in found.said] == [(said.id, "positive", 2)]
    assert found.also == {"intent": "refund"}


def test_a_page_deep_down_is_found_in_the_index_and_reads_no_row_of_those_above(url, store):
    if not url.startswith("sqlite"):
        pytest.skip("asks SQLite for its plan")
    made, asked = record_answers(store, 300), []
    engine = open_database(url)
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
    from pipelines.store.message_list import page

    with engine.connect() as connection:
        page(connection, "sentiment", 50, made[200].id)
        statement, values = asked[-1]
        (plan,) = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    assert "SEARCH predictions USING INDEX predictions_by_moment (model=? AND (time,id)<(?,?))" in plan[-1]


@pytest.fixture
def say(store):
    """Record one answer with these scores."""

    def say(key, *scores, abstained=False, minute=0, model="sentiment"):
        named = dict(zip("abc", scores, strict=False))
        label, time = max(named, key=named.get, default=""), NOON + timedelta(minutes=minute)
        made = Prediction(model, 1, key, key, label, max(scores, default=0), named, abstained=abstained, time=time)
        store.record([made])
        return made.id

    return say


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


def test_ratings_are_counted_without_those_taken_back_or_set_aside(store, say):
    one, other = say("k1", 0.5, 0.5), say("k2", 0.5, 0.5)
    assert (store.ratings("sentiment").count, store.ratings("sentiment").mean) == (0, None)
    for answer, stars in ((one, 5), (other, 2)):
        store.add(Feedback(answer, rating=stars))
    store.undo(store.add(Feedback(one, rating=1)).id)
    store.feedback_cleanup().set_aside(FeedbackFilter(ids=(store.add(Feedback(one, rating=1)).id,)))
    assert (store.ratings("sentiment").count, store.ratings("sentiment").mean) == (2, 3.5)


def test_a_customer_is_one_rater_however_many_answers_they_rate(store, answer):
    for number in range(50):
        store.add(Feedback(answer(f"k{number}").id, rating=1, customer="troll"), origin=Origin("web"))
    store.add(Feedback(answer("mine").id, rating=5, customer="honest"), origin=Origin("web"))
    assert (store.ratings("sentiment").count, store.ratings("sentiment").mean) == (2, 3.0)


def test_an_author_rates_an_answer_once_with_the_newest_stars(store, answer, monkeypatch):
    monkeypatch.setattr(quota, "PER_AUTHOR", 100)
    one, other = answer("k1", customer="mine"), answer("k2", customer="mine")
    store.add(Feedback(one.id, rating=5), origin=Origin("web"))
    for stars in (*[1] * 30, 2):
        store.add(Feedback(one.id, rating=stars, customer="troll"), origin=Origin("web"))
    assert (store.ratings("sentiment").count, store.ratings("sentiment").mean) == (2, 3.5)
    store.add(Feedback(other.id, rating=4, customer="troll"), origin=Origin("web"))
    assert (store.ratings("sentiment").count, store.ratings("sentiment").mean) == (2, 4.0)


def test_a_message_shows_its_newest_reactions_and_counts_the_others(store, answer, monkeypatch):
    monkeypatch.setattr(quota, "PER_AUTHOR", 100)
    one = answer("k1")
    given = [store.add(Feedback(one.id, rating=1)).id for _ in range(MAX_ROWS + 3)]
    last = store.add(Feedback(one.id, comment="x" * 5000)).id
    (found,) = store.messages("sentiment", 10, None, ())
    assert [said.id for said in found.said] == [*given[4:], last]
    assert found.more == 4
    assert found.said[-1].comment == "x" * MAX_COMMENT + "\u2026"


def test_a_reaction_names_its_author(store, answer):
    one = answer("k1", customer="c" * 64)
    key = store.create_key("desk", ("review", "feedback")).split("_")[1]
    store.add(Feedback(one.id, rating=1))
    store.add(Feedback(one.id, label="negative", customer="d" * 64), origin=Origin(key))
    store.add(Feedback(one.id, label="positive"), origin=Origin(key, review=True))
    (found,) = store.messages("sentiment", 10, None, ())
    authors = [(said.key, said.customer, said.review) for said in found.said]
    assert authors == [(None, "c" * 64, False), ("desk", "d" * 64, False), ("desk", None, True)]


def test_a_message_tells_the_label_that_its_text_was_given_and_whether_votes_are_tied(store, answer):
    first, again, other = answer("k1", customer="a"), answer("k1", customer="b"), answer("k2")
    store.add(Feedback(first.id, label="negative"))
    told = {one.prediction.id: (one.taught, one.tied) for one in store.messages("sentiment", 9, None, ())}
    assert told == {first.id: ("negative", False), again.id: ("negative", False), other.id: (None, False)}
    store.add(Feedback(again.id, label="positive"))
    told = {one.prediction.id: (one.taught, one.tied) for one in store.messages("sentiment", 9, None, ())}
    assert told == {first.id: (None, True), again.id: (None, True), other.id: (None, False)}


def test_a_tie_tells_the_votes_of_each_label_whichever_answer_they_spoke_of(store, answer):
    first, again = answer("k1", customer="a"), answer("k1", customer="b")
    store.add(Feedback(first.id, label="negative"))
    store.add(Feedback(again.id, label="positive"))
    store.add(Feedback(again.id, label="neutral", customer="c"))
    store.add(Feedback(first.id, label="positive", customer="d"))
    assert [one.votes for one in store.messages("sentiment", 9, None, ())] == [{}, {}]
    store.add(Feedback(first.id, label="neutral", customer="e"))
    votes = {"neutral": 2, "positive": 2, "negative": 1}
    assert [list(one.votes.items()) for one in store.messages("sentiment", 9, None, ())] == [list(votes.items())] * 2


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


def test_another_model_without_labels_is_not_among_those_that_gave_one(store, answer):
    store.record([Prediction("stars", 1, "k1", "text of k1", None, None, {"stars": 4.5}, kind="stars")])
    answer("k1")
    assert [one.also for one in store.messages("sentiment", 9, None, ["stars"])] == [{}]


def test_a_second_store_sees_the_same(url, store):
    made = record_answers(store, 3)
    assert ids(Store(url).messages("sentiment", 3, None, ())) == [one.id for one in made]
