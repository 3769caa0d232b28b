import pytest

from pipelines.inference.packaged import Packaged
from pipelines.serving.memory import Memory


class Counted:
    """A package that counts the texts it is asked."""

    def __init__(self, packaged):
        self.packaged, self.asked = packaged, []

    def probabilities(self, texts):
        self.asked += texts
        return self.packaged.probabilities(texts)

    def predict(self, texts):
        self.asked += texts
        return self.packaged.predict(texts)

    def answer(self, row):
        return self.packaged.answer(row)


@pytest.fixture
def counted(tmp_path, write_package):
    return Counted(Packaged.load(write_package(tmp_path / "package")))


def test_what_was_asked_is_not_computed_again_and_answered_alike(counted):
    memory, texts = Memory(counted, 10), ["bad", "so", "bad"]
    first = memory.predict(texts)
    assert memory.predict(texts) == first == counted.packaged.predict(texts)
    assert counted.asked == ["bad", "so"]


def test_no_more_is_remembered_than_was_said_and_the_least_lately_asked_goes_first(counted):
    memory = Memory(counted, 2)
    for text in ("bad", "so", "bad", "good", "bad", "so"):
        memory.predict([text])
    assert counted.asked == ["bad", "so", "good", "so"]


def test_a_memory_of_nothing_computes_everything(counted):
    memory = Memory(counted, 0)
    memory.predict(["bad"])
    memory.predict(["bad"])
    assert counted.asked == ["bad", "bad"]
