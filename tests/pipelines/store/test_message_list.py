from datetime import timedelta

import pytest
from sqlalchemy import event

from pipelines.store import quota
from pipelines.store.database import open_database
from pipelines.store.feedback_filter import FeedbackFilter
from pipelines.store.feedback_rows import Feedback, Origin, UnknownPrediction
from pipelines.store.message_feedback import MAX_COMMENT, MAX_ROWS
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from tests.pipelines.store.conftest import NOON, ids


def record_answers(store, count, model="sentiment"):
    """Store answers, three in each second, so that time alone does not decide their order."""
    times = [NOON + timedelta(seconds=n // 3) for n in range(count)]
    made = [Prediction(model, 1, f"k{n}", f"text {n}", "a", 0.5, {"a": 1.0}, time=at) for n, at in enumerate(times)]
    store.record(made)
    return sorted(made, key=lambda one: (one.time, one.id), reverse=True)


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


def test_another_model_without_labels_is_not_among_those_that_gave_one(store, answer):
    store.record([Prediction("stars", 1, "k1", "text of k1", None, None, {"stars": 4.5}, kind="stars")])
    answer("k1")
    assert [one.also for one in store.messages("sentiment", 9, None, ["stars"])] == [{}]


def test_a_second_store_sees_the_same(url, store):
    made = record_answers(store, 3)
    assert ids(Store(url).messages("sentiment", 3, None, ())) == [one.id for one in made]
