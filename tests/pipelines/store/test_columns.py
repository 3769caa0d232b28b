"""Databases that were made before a column was: it is added, once, and what was kept stays."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect, text

from pipelines.store.database import open_database, writing
from pipelines.store.feedback import Feedback
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store


def columns(url):
    return [column["name"] for column in inspect(open_database(url)).get_columns("predictions")]


@pytest.fixture
def old(url, answer):
    """A database of before, with one prediction; its id."""
    kept = answer("old")
    with writing(open_database(url)) as connection:
        connection.execute(text("ALTER TABLE predictions DROP COLUMN abstained"))
    return kept.id


def test_a_missing_column_is_added_and_is_empty_for_what_was_kept(url, old):
    store = Store(url)
    assert store.prediction(old).abstained is None
    assert store.add(Feedback(old, correct=True)).created
    new = Prediction("sentiment", 3, "new", "t", "neutral", 0.5, {}, abstained=True)
    store.record([new])
    assert store.prediction(new.id) == new


def test_processes_that_come_at_once_add_it_once(url, old):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(Store, [url] * 8))
    assert columns(url).count("abstained") == 1


def test_a_program_from_before_goes_on_writing_beside_the_new_one(url, old):
    Store(url)
    known = ", ".join(name for name in columns(url) if name not in ("abstained", "id"))
    with writing(open_database(url)) as connection:
        connection.execute(text(f"INSERT INTO predictions (id, {known}) SELECT 'by-the-old', {known} FROM predictions"))
    assert Store(url).prediction("by-the-old").abstained is None


def test_a_whole_database_is_left_as_it_is(url):
    before = columns(url)
    assert columns(url) == before
    assert before[-1] == "abstained"
