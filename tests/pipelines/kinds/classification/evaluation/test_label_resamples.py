import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from pipelines.kinds.classification.evaluation.label_resamples import Resampled, accuracy
from pipelines.kinds.labelled.label_counts import macro_f1

LABELS = ("a", "b", "c", "never")


@pytest.fixture
def answers():
    draw = np.random.default_rng(3)
    truth = draw.choice(LABELS[:3], 300, p=[0.6, 0.3, 0.1]).tolist()
    right = draw.random(300) < 0.8
    found = [
        label if held else str(other)
        for label, held, other in zip(truth, right, draw.choice(LABELS[:3], 300), strict=True)
    ]
    return truth, found


def test_the_value_is_what_scikit_learn_says(answers):
    truth, found = answers
    resampled = Resampled(truth, LABELS)
    assert resampled.interval(macro_f1, found).value == pytest.approx(f1_score(truth, found, average="macro"))
    assert resampled.interval(accuracy, found).value == pytest.approx(accuracy_score(truth, found))


def test_the_interval_is_as_wide_as_the_binomial_says(answers):
    truth, found = answers
    interval = Resampled(truth, LABELS).interval(accuracy, found)
    error = np.sqrt(interval.value * (1 - interval.value) / len(truth))
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_a_model_never_differs_from_itself(answers):
    truth, found = answers
    difference = Resampled(truth, LABELS).difference(macro_f1, found, found)
    assert (difference.value, difference.low, difference.high) == (0, 0, 0)


def test_a_clear_gain_has_an_interval_above_zero(answers):
    truth, found = answers
    assert Resampled(truth, LABELS).difference(macro_f1, truth, found).low > 0
