"""The amount of feedback that one answer, one author, one customer and one key may add."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from pipelines.store import quota
from pipelines.store.database import open_database
from pipelines.store.feedback_filter import FeedbackFilter
from pipelines.store.feedback_rows import Feedback, Origin
from pipelines.store.quota import AnswerFull, SenderFull


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Limits low enough for a test."""
    for name, value in {"PER_AUTHOR": 3, "PER_ANSWER": 5, "PER_CUSTOMER": 6, "PER_KEY": 8}.items():
        monkeypatch.setattr(quota, name, value)


def fill(store, prediction, times, customer=None, key=None):
    return [store.add(Feedback(prediction.id, rating=1, customer=customer), origin=Origin(key)) for _ in range(times)]


@pytest.mark.parametrize("author", [(None, None), ("a", None), (None, "web"), ("a", "web")])
def test_an_author_says_so_much_of_an_answer_and_another_may_go_on(store, answer, author):
    one, other = answer(), answer()
    fill(store, one, 3, *author)
    with pytest.raises(AnswerFull, match="3 rows of feedback of this author, which is the limit"):
        fill(store, one, 1, *author)
    fill(store, one, 1, "somebody")
    fill(store, other, 1, *author)


def test_an_answer_takes_so_much_in_all_and_more_once_some_is_taken_back(store, answer):
    one = answer()
    given = [receipt for who in "ab" for receipt in fill(store, one, 2, who)]
    fill(store, one, 1, "c")
    with pytest.raises(AnswerFull, match="5 rows of feedback in all"):
        fill(store, one, 1, "d")
    store.undo(given[0].id)
    fill(store, one, 1, "d")


def test_strangers_leave_room_for_a_reviewer_on_a_full_answer_and_what_is_set_aside_fills_none(store, answer):
    one = answer()
    given = [receipt.id for who in "abcde" for receipt in fill(store, one, 1, who)]
    with pytest.raises(AnswerFull, match="5 rows of feedback in all"):
        fill(store, one, 1, "f")
    store.add(Feedback(one.id, label="neutral"), origin=Origin("mei", review=True))
    store.feedback_cleanup().set_aside(FeedbackFilter(ids=tuple(given)))
    fill(store, one, 1, "f")


def test_a_customer_says_so_much_within_an_hour_taken_back_or_not(store, answer):
    for _ in range(3):
        for receipt in fill(store, answer(), 2, "a", "web"):
            store.undo(receipt.id)
    with pytest.raises(SenderFull, match="this customer has sent 6 rows of feedback within an hour") as error:
        fill(store, answer(), 1, "a", "web")
    assert 3590 <= error.value.seconds <= 3600
    fill(store, answer(), 1, "b", "web")


def test_the_customer_of_a_prediction_is_counted_where_feedback_names_none(store, answer):
    for _ in range(3):
        fill(store, answer(customer="a"), 2)
    with pytest.raises(SenderFull, match="this customer"):
        fill(store, answer(customer="a"), 1)


def test_a_key_says_so_much_within_an_hour_whomever_it_names(store, answer):
    for number in range(4):
        fill(store, answer(), 2, f"c{number}", "web")
    with pytest.raises(SenderFull, match="this key has sent 8 rows of feedback within an hour"):
        fill(store, answer(), 1, "new", "web")
    fill(store, answer(), 1, "new", "app")


def test_an_hour_later_there_is_room_again(store, answer, monkeypatch):
    for _ in range(4):
        fill(store, answer(), 2, None, "web")
    monkeypatch.setattr(quota, "HOUR", timedelta(0))
    fill(store, answer(), 1, None, "web")


def test_what_is_sent_again_is_found_however_full_it_is(store, answer):
    one = answer()
    kept = store.add(Feedback(one.id, rating=1), "key")
    fill(store, one, 2)
    again = store.add(Feedback(one.id, rating=1), "key")
    assert (again.id, again.created) == (kept.id, False)


def test_the_rows_of_a_sender_are_found_in_an_index(url):
    if not url.startswith("sqlite"):
        pytest.skip("asks SQLite for its plan")
    asked = "EXPLAIN QUERY PLAN SELECT time FROM feedback WHERE {} ORDER BY time DESC LIMIT 1 OFFSET 7"
    with open_database(url).connect() as connection:
        for sent in ("api_key = 'web' AND time > '2026'", "api_key IS NULL AND time > '2026'"):
            (plan,) = connection.execute(text(asked.format(sent))).all()
            assert "USING COVERING INDEX feedback_by_api_key" in plan[-1]
