from datetime import UTC, datetime

import pytest

from pipelines.store.database import open_database
from pipelines.store.predictions import Prediction


def prediction(key="k", **values):
    return Prediction("sentiment", 3, key, f"text of {key}", "neutral", 0.5, {"neutral": 0.5, "负面": 0.25}, **values)


KINDS = [
    prediction(),
    prediction(customer="c" * 64, abstained=True),
    prediction(abstained=False, time=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
    Prediction("sentiment", 3, "paused", "text", "", 0.0, {}),
]


@pytest.fixture
def recording(store):
    return store.prediction_writer()


def test_what_is_recorded_comes_back_as_it_was_kept(store, recording):
    recording.write(KINDS)
    recording.write([])
    assert [store.prediction(one.id) for one in KINDS] == KINDS


def test_rows_are_those_that_the_store_itself_writes(url, store, recording):
    recording.write(KINDS)
    twins = [Prediction(**{**vars(one), "id": f"twin {place}"}) for place, one in enumerate(KINDS)]
    store.record(twins)
    columns = "time, model, version, key, text, label, score, CAST(scores AS TEXT), customer, abstained"
    with open_database(url).connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT {columns} FROM predictions ORDER BY key, customer, time").all()
    assert len(rows) == 8
    assert rows[::2] == rows[1::2]


def test_what_cannot_be_kept_whole_is_not_kept_and_the_next_is(store, recording):
    old, new, later = prediction("old"), prediction("new"), prediction("later")
    recording.write([old])
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        recording.write([new, old])
    assert store.prediction(new.id) is None
    recording.write([later])
    assert store.prediction(later.id) == later


def test_what_was_recorded_holds_up_no_other_writer(store, recording):
    recording.write([prediction("one")])
    store.record([two := prediction("two")])
    recording.write([prediction("three")])
    assert store.prediction(two.id) == two
