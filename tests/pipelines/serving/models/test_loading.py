import time

import numpy as np
import pytest

from pipelines.inference.packaged import ModelPackage
from pipelines.serving.models.loading import batch_rates, best_batch_size
from tests.pipelines.serving.conftest import write_package

TEXTS = ["bad", "so so so", "good bad", "so", "bad bad bad bad"]


@pytest.mark.parametrize(
    ("found", "size"),
    [({1: 400, 4: 404, 16: 390}, 1), ({1: 400, 4: 460, 16: 430}, 4), ({1: 400, 16: 4000}, 16), ({1: 1}, 1)],
    ids=["not worth it", "the best of several", "a GPU", "nothing else was tried"],
)
def test_a_batch_must_be_faster_than_one_by_one(found, size):
    assert best_batch_size(found) == size


def test_batches_of_any_size_answer_in_the_order_of_the_texts(tmp_path):
    packaged = ModelPackage.load(write_package(tmp_path / "package"))
    alone = packaged.logits(TEXTS)
    # Padding has a small effect on the tiny package.
    for size in (2, 3, 16):
        assert packaged.with_batch_size(size).logits(TEXTS) == pytest.approx(alone, abs=0.5)


class Timed:
    """A false package with a given time for each batch size."""

    def __init__(self, seconds, size=1):
        self.seconds, self.size = seconds, size

    def with_batch_size(self, size):
        return Timed(self.seconds, size)

    def logits(self, texts):
        time.sleep(self.seconds[self.size])
        return np.zeros((len(texts), 3))


def test_every_size_that_answers_alike_is_timed():
    found = batch_rates(Timed({1: 0.08, 2: 0.02}), ["bad", "so", "good", "so"], sizes=(1, 2))
    assert 10 < found[1] <= 4 / 0.08 < found[2] <= 4 / 0.02


def test_a_batch_that_changes_answers_is_never_chosen(tmp_path):
    found = batch_rates(ModelPackage.load(write_package(tmp_path / "package")), TEXTS, sizes=(1, 2, 8))
    assert found.keys() == {1}
