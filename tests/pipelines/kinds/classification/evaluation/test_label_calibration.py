import numpy as np
import pytest
from scipy.special import softmax

from pipelines.evaluation.reliability import calibration_error
from pipelines.kinds.classification.evaluation.label_calibration import brier_score, reliability_bins
from pipelines.kinds.classification.fitting import fit_temperature


@pytest.fixture
def honest():
    """Logits whose softmax is the true chance of each label, and labels drawn by it."""
    draw = np.random.default_rng(0)
    logits = draw.normal(0, 2, (20_000, 3))
    chances = softmax(logits, axis=1)
    return logits, np.array([draw.choice(3, p=row) for row in chances])


def test_honest_probabilities_have_no_error_and_boastful_ones_have(honest):
    logits, truth = honest
    assert calibration_error(reliability_bins(softmax(logits, axis=1), truth)) < 0.01
    assert calibration_error(reliability_bins(softmax(3 * logits, axis=1), truth)) > 0.1


def test_the_error_is_counted_as_by_hand():
    """Two answers 90% sure, one of them right; two 60% sure, both right."""
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.4, 0.6]])
    truth = np.array([0, 1, 0, 1])
    assert calibration_error(reliability_bins(probabilities, truth)) == pytest.approx(0.5 * 0.4 + 0.5 * 0.4)
    assert sorted((bar.share, bar.sure, bar.right) for bar in reliability_bins(probabilities, truth)) == [
        (0.5, pytest.approx(0.6), 1.0),
        (0.5, pytest.approx(0.9), 0.5),
    ]
    assert brier_score(probabilities, truth) == pytest.approx((0.02 + 1.62 + 0.32 + 0.32) / 4)


@pytest.mark.parametrize("heat", [0.25, 1.0, 4.0])
def test_the_temperature_that_was_applied_is_found(honest, heat):
    logits, truth = honest
    assert fit_temperature(heat * logits, truth) == pytest.approx(heat, rel=0.05)


def test_a_temperature_changes_no_answer_and_needs_rows(honest):
    logits, truth = honest
    found = fit_temperature(4 * logits, truth)
    assert np.array_equal((4 * logits / found).argmax(1), logits.argmax(1))
    assert fit_temperature(np.zeros((0, 3)), np.zeros(0, int)) == 1.0


def test_a_few_right_answers_make_no_one_certain_and_many_do():
    few, many = (fit_temperature(np.array([[2.0, 0.0]] * rows), np.zeros(rows, int)) for rows in (5, 5000))
    assert 0.5 < few < 1
    assert 0.05 <= many < 0.4
