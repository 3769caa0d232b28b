"""The sequential test: its error rate, its speed in detecting harm, and identities of its formulas."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.promotion.sequential import BernoulliCount, difference, log_e_value

ALPHA = 0.05
LIMIT = math.log(1 / ALPHA)
RUNS = 1000
LOOKS = np.unique(np.geomspace(1, 5000, 60).astype(int))  # of the challenger's answers


def ever_rejected(rate, rate_0, margin, looks=LOOKS, share=0.1, seed=3):
    """For each run, the first look at which harm was claimed, 0 for never; the champion serves all other customers."""
    chance, first = np.random.default_rng(seed), np.zeros(RUNS, int)
    seen, hits, hits_0 = 0, np.zeros(RUNS), np.zeros(RUNS)
    for look in looks:
        more, more_0 = look - seen, round((look - seen) * (1 - share) / share)
        hits, hits_0, seen = (
            hits + chance.binomial(more, rate, RUNS),
            hits_0 + chance.binomial(more_0, rate_0, RUNS),
            look,
        )
        tries_0 = round(look * (1 - share) / share)
        found = log_e_value(
            BernoulliCount(np.full(RUNS, look), hits), BernoulliCount(np.full(RUNS, tries_0), hits_0), margin
        )
        first = np.where((first == 0) & (found >= LIMIT), look, first)
    return first


@pytest.mark.parametrize(
    ("rate_0", "margin"), [(0.0, 0.01), (0.05, 0.05), (0.2, 0.05), (0.5, 0.0), (0.9, 0.1)], ids=str
)
def test_who_is_just_no_worse_than_is_allowed_is_stopped_in_fewer_cases_than_alpha_however_often_one_looks(
    rate_0, margin
):
    stopped = (ever_rejected(rate_0 + margin, rate_0, margin) > 0).mean()
    assert stopped <= ALPHA


def test_who_is_as_good_as_the_champion_is_hardly_ever_stopped():
    assert (ever_rejected(0.2, 0.2, 0.05) > 0).mean() <= 0.005


@pytest.mark.parametrize(
    ("rate", "rate_0", "margin", "within"),
    [(1.0, 0.0, 0.01, 4), (0.2, 0.0, 0.01, 50), (1.0, 0.05, 0.05, 5), (0.4, 0.15, 0.05, 200), (0.3, 0.2, 0.05, 4000)],
    ids=["all fail", "a fifth fails", "all are slow", "displeases many", "displeases some"],
)
def test_nine_of_ten_harmful_ones_are_stopped_within_so_many_answers(rate, rate_0, margin, within):
    first = ever_rejected(rate, rate_0, margin, LOOKS[within >= LOOKS])
    assert (first > 0).mean() >= 0.9


COUNTS = st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda seen: BernoulliCount(max(seen), min(seen)))


@given(COUNTS, COUNTS, st.floats(-0.9, 0.9))
def test_evidence_is_a_number_and_none_where_the_rates_do_not_speak_for_it(one, other, margin):
    found = float(log_e_value(one, other, margin))
    assert math.isfinite(found)
    if not one.trials or not other.trials or one.successes / one.trials <= other.successes / other.trials + margin:
        assert found == 0


@given(COUNTS, COUNTS, st.floats(-0.9, 0.9), st.floats(0, 0.9))
def test_what_allows_more_needs_more_evidence(one, other, margin, more):
    assert log_e_value(one, other, min(margin + more, 0.99)) <= max(log_e_value(one, other, margin), 0) + 1e-6


@settings(deadline=None, max_examples=50)  # each example tests 2000 margins four times
@given(COUNTS, COUNTS)
def test_the_bounds_hold_the_seen_difference_and_turn_with_the_streams(one, other):
    least, most = difference(one, other, ALPHA)
    assert -1 <= least <= most <= 1
    assert difference(other, one, ALPHA) == (-most, -least)
    if one.trials and other.trials:
        assert least <= one.successes / one.trials - other.successes / other.trials <= most
    else:
        assert (least, most) == (-1, 1)


@given(COUNTS, COUNTS, st.floats(-0.5, 0.5))
def test_arrays_are_judged_as_their_numbers_are(one, other, margin):
    both = log_e_value(
        BernoulliCount(np.array([one.trials, 5]), np.array([one.successes, 5])),
        BernoulliCount(np.array([other.trials, 9]), other.successes * 0),
        margin,
    )
    assert both.shape == (2,)
    assert both[0] == pytest.approx(float(log_e_value(one, BernoulliCount(other.trials, 0), margin)))


def test_the_mixture_is_a_likelihood_over_all_outcomes():
    """Its sum over all outcomes of a stream is 1: the ratio begins at 1, and its mean stays 1."""
    from pipelines.promotion.sequential import log_mixture

    for tries in (1, 5, 30):
        hits = np.arange(tries + 1)
        choices = np.array([math.comb(tries, int(one)) for one in hits])
        assert (choices * np.exp(log_mixture(hits, tries - hits))).sum() == pytest.approx(1)
