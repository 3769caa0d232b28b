import pytest

from pipelines.inference.packaged import ModelPackage
from pipelines.serving.engine.preprocessing import PreparedText
from pipelines.serving.models.prediction_cache import PredictionCache


class CountingPackage:
    """A package that records the texts that it predicts."""

    def __init__(self, packaged):
        self.packaged, self.asked = packaged, []

    def calibrated_tokens(self, encoded):
        self.asked += [self.packaged.vocabulary.tokenizer.decode(tokens) for tokens in encoded]
        return self.packaged.calibrated_tokens(encoded)

    def predict_tokens(self, encoded):
        return [self.reader.answer(row) for row in self.calibrated_tokens(encoded)]

    @property
    def reader(self):
        return self.packaged.reader


@pytest.fixture
def counting(tmp_path, write_package):
    return CountingPackage(ModelPackage.load(write_package(tmp_path / "package")))


@pytest.fixture
def prepared(counting):
    """Prepared texts, as the cache receives them."""
    return lambda *texts: [PreparedText(text, text, counting.packaged.vocabulary.ids([text])[0]) for text in texts]


def test_what_was_asked_is_not_computed_again_and_answered_alike(counting, prepared):
    memory, texts = PredictionCache(counting, 10), ["bad", "so", "bad"]
    first = memory.predict(prepared(*texts))
    assert memory.predict(prepared(*texts)) == first == counting.packaged.predict(texts)
    assert counting.asked == ["bad", "so"]


def test_no_more_is_remembered_than_was_said_and_the_least_lately_asked_goes_first(counting, prepared):
    memory = PredictionCache(counting, 2)
    for text in ("bad", "so", "bad", "good", "bad", "so"):
        memory.predict(prepared(text))
    assert counting.asked == ["bad", "so", "good", "so"]


def test_a_memory_of_nothing_computes_everything(counting, prepared):
    memory = PredictionCache(counting, 0)
    memory.predict(prepared("bad"))
    memory.predict(prepared("bad"))
    assert counting.asked == ["bad", "bad"]
