import numpy as np
import pytest
from scipy.stats import binomtest

from pipelines.statistics.significance import Pairs, holm, p_below


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (5, 5), (3, 12), (12, 3), (0, 9)])
def test_the_exact_tests_are_those_of_scipy(gained, lost):
    both = gained + lost
    if both:
        assert Pairs(gained, lost).p_worse == pytest.approx(binomtest(lost, both, alternative="greater").pvalue)
        assert Pairs(gained, lost).p_differ == pytest.approx(binomtest(lost, both).pvalue)
    else:
        assert Pairs(0, 0).p_worse == Pairs(0, 0).p_differ == 1.0


def test_few_right_answers_speak_against_a_floor():
    assert p_below(2, 20, 0.5) == pytest.approx(binomtest(2, 20, 0.5, alternative="less").pvalue)
    assert p_below(10, 20, 0.5) > 0.5
    assert p_below(0, 0, 0.5) == 1.0


def test_holm_claims_as_much_as_one_wrong_claim_allows():
    assert holm({"a": 0.01, "b": 0.02, "c": 0.04}, 0.05) == ["a", "b", "c"]
    assert holm({"a": 0.03, "b": 0.02, "c": 0.04}, 0.05) == []  # 0.02 > 0.05 / 3
    assert holm({"a": 0.001, "b": 0.03, "c": 0.5}, 0.05) == ["a"]
    assert holm({}, 0.05) == []


def test_of_many_true_equals_holm_seldom_claims_any():
    draw = np.random.default_rng(0)
    wrong = [bool(holm({str(n): p for n, p in enumerate(draw.random(77))}, 0.05)) for _ in range(2000)]
    assert np.mean(wrong) < 0.065
