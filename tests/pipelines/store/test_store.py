from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from pipelines.store.feedback_rows import Feedback, KeyReused, UnknownPrediction
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from tests.pipelines.store.together import TOGETHER, done


def test_a_prediction_comes_back_as_it_was_kept(answer, store):
    kept = answer(customer="c" * 64)
    assert store.prediction(kept.id) == kept
    assert kept.time.tzinfo is UTC
    assert (datetime.now(UTC) - kept.time).total_seconds() < 60


def test_an_unknown_id_finds_nothing(store):
    assert store.prediction("nope") is None


def test_recording_nothing_records_nothing(answer, store):
    kept = answer("a")
    store.record([])
    assert store.answered_keys("sentiment") == {"a"}
    assert store.prediction(kept.id) == kept


def test_a_batch_is_kept_whole_or_not_at_all(answer, store):
    twice = answer("old")
    new = Prediction("sentiment", 3, "new", "t", "neutral", 0.5, {})
    with pytest.raises(IntegrityError) as error:
        store.record([new, twice])
    assert store.prediction(new.id) is None
    assert "text of old" not in str(error.value)


def test_answered_names_the_keys_of_one_model_once(answer, store):
    for key, model in [("a", "sentiment"), ("b", "sentiment"), ("b", "sentiment"), ("c", "intent")]:
        answer(key, model=model)
    assert store.answered_keys("sentiment") == {"a", "b"}


def test_feedback_is_kept_under_the_model_of_its_prediction(answer, store):
    receipt = store.add(Feedback(answer(model="intent").id, label="refund"))
    assert (receipt.model, receipt.created) == ("intent", True)
    assert store.count_feedback("intent") == 1
    assert store.last_feedback("intent") == receipt.id


def test_feedback_on_an_unknown_prediction_is_refused(store):
    with pytest.raises(UnknownPrediction, match="nope"):
        store.add(Feedback("nope", correct=True))


def test_the_same_feedback_under_the_same_key_is_kept_once(answer, store):
    feedback = Feedback(answer().id, label="negative", comment="no")
    first, second = (store.add(feedback, "key-1") for _ in range(2))
    assert (first.created, second.created) == (True, False)
    assert (first.id, first.model) == (second.id, second.model)
    assert store.count_feedback("sentiment") == 1


@pytest.mark.parametrize("change", [{"label": "positive"}, {"correct": False}, {"rating": 1}, {"comment": "yes"}])
def test_other_feedback_under_the_same_key_is_refused(answer, store, change):
    said = {"prediction": answer().id, "label": "negative", "comment": "no"}
    store.add(Feedback(**said), "key-1")
    with pytest.raises(KeyReused, match="Idempotency-Key was already used"):
        store.add(Feedback(**said | change), "key-1")


def test_feedback_without_a_key_is_kept_every_time(answer, store):
    feedback = Feedback(answer().id, correct=True)
    assert store.add(feedback).id < store.add(feedback).id
    assert store.count_feedback("sentiment") == 2


def test_another_store_sees_what_was_kept(answer, store, url):
    prediction = answer()
    store.add(Feedback(prediction.id, correct=True))
    other = Store(url)
    assert other.prediction(prediction.id) == prediction
    assert other.count_feedback("sentiment") == 1


def test_sixteen_threads_lose_nothing(store, url):
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda number: _write(store, f"thread-{number}", 10), range(16)))
    assert len(store.answered_keys("sentiment")) == 160
    assert store.count_feedback("sentiment") == 160


def test_sixteen_senders_of_one_key_make_one_row(answer, store):
    feedback = Feedback(answer().id, correct=True)
    with ThreadPoolExecutor(16) as threads:
        receipts = list(threads.map(lambda _: store.add(feedback, "one"), range(16)))
    assert sum(receipt.created for receipt in receipts) == 1
    assert store.count_feedback("sentiment") == 1


WRITER = """
import sys
from pipelines.store.feedback_rows import Feedback
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store

def writes(url, name):
    store = Store(url)
    for number in range(10):
        prediction = Prediction("sentiment", 1, f"{name}-{number}", "t", "neutral", 0.5, {})
        store.record([prediction])
        store.add(Feedback(prediction.id, correct=True), prediction.id)
"""
WRITERS = f"""{WRITER}{TOGETHER}
def work(barrier, worker):
    barrier.wait(20)
    writes(sys.argv[1], str(worker))

together(work, 6)
"""
OPENERS = f"""{WRITER}{TOGETHER}
def work(barrier, _worker):
    for number in range(8):
        barrier.wait(20)
        Store(f"sqlite:///{{sys.argv[1]}}/{{number}}.db").answered_keys("sentiment")

together(work, 8)
"""


def test_processes_that_make_the_database_together_lose_nothing(url):
    writers = done(WRITERS, url)
    assert (writers.returncode, writers.stderr) == (0, "")
    assert len(Store(url).answered_keys("sentiment")) == 60
    assert Store(url).count_feedback("sentiment") == 60


def test_a_database_can_be_opened_first_by_many_at_once(tmp_path):
    openers = done(OPENERS, str(tmp_path))
    assert openers.returncode == 0, openers.stderr


def test_what_was_kept_outlives_a_killed_process(url):
    dying = "writes(sys.argv[1], 'killed'); import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert done(WRITER + dying, url).returncode == -9
    assert Store(url).count_feedback("sentiment") == 10


def test_the_folder_of_the_database_is_made(tmp_path):
    Store(f"sqlite:///{tmp_path / 'a' / 'b' / 'needloop.db'}")
    assert (tmp_path / "a" / "b" / "needloop.db").exists()


def _write(store, name, rows):
    for number in range(rows):
        prediction = Prediction("sentiment", 1, f"{name}-{number}", "t", "neutral", 0.5, {})
        store.record([prediction])
        store.add(Feedback(prediction.id, correct=True), f"{name}-{number}")
