import numpy as np
import pytest

from pipelines.kinds.classification.evaluation.out_of_scope_recall import out_of_scope_scores


def sure(*confidences):
    return np.array(confidences, float)


def test_what_is_less_sure_than_the_threshold_is_told():
    found = out_of_scope_scores(sure(0.9, 0.8, 0.95), sure(0.6, 0.7, 0.99), 0.75)
    assert found.recall == pytest.approx(2 / 3)
    assert found.kept == 1.0
    assert found.auroc == pytest.approx(6 / 9)  # in six of nine pairs the text inside has more confidence


def test_without_texts_outside_nothing_is_claimed():
    found = out_of_scope_scores(sure(0.9), sure(), 0.5)
    assert found.recall != found.recall
    assert found.auroc != found.auroc
