import asyncio

import pytest
from sqlalchemy.exc import SQLAlchemyError

from pipelines.serving.recorder import Recorder
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store


def prediction(number):
    return Prediction("sentiment", 1, f"{number:064d}", f"text {number}", "good", 0.9, {"good": 0.9, "bad": 0.1})


class Counting:
    """A recording that counts its commits."""

    def __init__(self, recording):
        self.recording, self.commits = recording, 0

    def keep(self, answers):
        self.commits += 1
        self.recording.keep(answers)


@pytest.fixture
def store(tmp_path):
    return Store(f"sqlite:///{tmp_path / 'needloop.db'}")


def kept(recording, answers):
    async def work():
        recorder = Recorder(recording)
        try:
            return await asyncio.gather(*(recorder.keep([one]) for one in answers), return_exceptions=True)
        finally:
            recorder.close()

    return asyncio.run(work())


def test_what_comes_at_once_is_kept_in_one_commit(store):
    counting, answers = Counting(store.recording()), [prediction(number) for number in range(20)]
    assert kept(counting, answers) == [None] * 20
    assert counting.commits == 1
    assert [store.prediction(one.id) for one in answers] == answers


def test_what_cannot_be_kept_is_told_and_the_next_one_is_kept(store):
    recording, twice, other = store.recording(), prediction(1), prediction(2)
    assert kept(recording, [twice]) == [None]
    (error,) = kept(recording, [twice])
    assert isinstance(error, SQLAlchemyError)
    assert kept(recording, [other]) == [None]
    assert store.prediction(other.id) == other
