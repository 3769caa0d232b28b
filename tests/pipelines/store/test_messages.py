from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text

from pipelines.store.database import open_database, writing
from pipelines.store.feedback import Feedback, UnknownPrediction
from pipelines.store.predictions import Prediction
from pipelines.store.review import margin
from pipelines.store.store import Store

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def kept(store, count, model="sentiment"):
    """Answers a second apart, three at each second, so that time alone does not tell their order."""
    times = [NOON + timedelta(seconds=n // 3) for n in range(count)]
    made = [Prediction(model, 1, f"k{n}", f"text {n}", "a", 0.5, {"a": 1.0}, time=at) for n, at in enumerate(times)]
    store.record(made)
    return sorted(made, key=lambda one: (one.time, one.id), reverse=True)


def ids(found):
    return [one.prediction.id for one in found]


def test_pages_one_after_another_hold_every_message_once_and_the_newest_first(store):
    made, found, before = kept(store, 25), [], None
    kept(store, 5, model="intent")
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
    made, asked = kept(store, 300), []
    engine = open_database(url)
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
    from pipelines.store.messages import page

    with engine.connect() as connection:
        page(connection, "sentiment", 50, made[200].id)
        statement, values = asked[-1]
        (plan,) = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    assert "SEARCH predictions USING INDEX predictions_by_moment (model=? AND (time,id)<(?,?))" in plan[-1]


def test_an_older_database_gets_the_new_index_and_loses_the_old_one(url):
    with writing(open_database(url)) as connection:
        connection.execute(text("DROP INDEX predictions_by_moment"))
        connection.execute(text("CREATE INDEX predictions_by_time ON predictions (model, time)"))
    from sqlalchemy import inspect

    names = {index["name"] for index in inspect(open_database(url)).get_indexes("predictions")}
    assert names == {"predictions_by_moment", "predictions_by_key"}


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


def test_ratings_are_counted_without_those_taken_back(store, say):
    one = say("k1", 0.5, 0.5)
    assert (store.ratings("sentiment").count, store.ratings("sentiment").mean) == (0, None)
    for stars in (5, 2):
        store.add(Feedback(one, rating=stars))
    store.undo(store.add(Feedback(one, rating=1)).id)
    assert (store.ratings("sentiment").count, store.ratings("sentiment").mean) == (2, 3.5)


def test_a_second_store_sees_the_same(url, store):
    made = kept(store, 3)
    assert ids(Store(url).messages("sentiment", 3, None, ())) == [one.id for one in made]
