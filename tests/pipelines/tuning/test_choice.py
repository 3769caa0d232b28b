import numpy as np
import pytest

from pipelines.catalog.recipe import Recipe
from pipelines.tuning.choice import Candidate, candidates, choose, finalists
from pipelines.tuning.space import Backbone
from pipelines.tuning.trial import Result, Trial

BASE = Backbone(base="minilm", layers=6)


def candidate(number, *scores, seconds=10.0, spread=0.0):
    draws = np.random.default_rng(number).normal(0, spread, 400) if spread else np.zeros(400)
    runs = tuple((score, tuple(score + draws)) for score in scores)
    return Candidate(number, "minilm", runs, seconds)


def trial(number, score, *, repeats=None, seed=7, end="finished"):
    draws = (score or 0.0,) * 400
    result = None if score is None else Result(score, draws, 0.01, 5.0, 100, 90, {}, (), ((0, score),))
    return Trial(number, BASE, Recipe(seed=seed), end, 5.0, repeats=repeats, result=result)


@pytest.mark.parametrize(
    ("others", "chosen"),
    [
        ([], 0),
        ([candidate(1, 0.85)], 1),
        ([candidate(1, 0.75)], 0),
        ([candidate(1, 0.80, seconds=5.0)], 1),
        ([candidate(1, 0.80, seconds=20.0)], 0),
        ([candidate(1, 0.79, seconds=1.0, spread=0.1)], 0),
        ([candidate(1, 0.86, spread=0.05), candidate(2, 0.84, seconds=2.0, spread=0.05)], 2),
        ([candidate(1, 0.86), candidate(2, 0.84, seconds=2.0)], 1),
        ([candidate(1, 0.86, 0.84), candidate(2, 0.84, 0.85, seconds=2.0)], 2),
    ],
    ids=[
        "alone",
        "better",
        "worse",
        "equal and cheaper",
        "equal and dearer",
        "cheaper but below the declared one",
        "a tie over other rows goes to the cheaper",
        "no tie",
        "a tie over other seeds goes to the cheaper",
    ],
)
def test_the_best_mean_is_chosen_and_a_tie_goes_to_the_cheaper(others, chosen):
    declared = candidate(0, *(0.80,) * len(others[0].runs) if others else (0.80,))
    assert choose([declared, *others], 0, "macro-F1").trial == chosen


def test_the_reason_names_both_scores_and_what_a_tie_saved():
    tied = [candidate(0, 0.8), candidate(1, 0.86, spread=0.05), candidate(2, 0.84, seconds=2.0, spread=0.05)]
    reason = choose(tied, 0, "macro-F1").reason
    assert "within the standard error of" in reason
    assert "2.0 s instead of 10.0 s" in reason
    assert "the declared recipe has 0.800" in reason
    assert "the declared recipe (trial 0) has the best mean" in choose(tied[:1], 0, "macro-F1").reason


def test_without_a_finished_trial_the_declared_recipe_stays():
    nothing = choose([], None, "macro-F1")
    assert nothing.trial is None
    assert "the declared recipe stays" in nothing.reason


def test_the_declared_recipe_is_among_the_finalists_however_weak():
    trials = [trial(0, 0.1), *(trial(number, 0.5 + number / 10) for number in range(1, 5)), trial(9, None)]
    assert [one.number for one in finalists(trials, 0)] == [4, 3, 0]


def test_all_are_compared_over_as_many_seeds_as_all_have():
    trials = [trial(0, 0.7), trial(1, 0.9), trial(2, 0.1, repeats=1, seed=8), trial(3, 0.6, repeats=0, seed=8)]
    assert {one.number: round(one.score, 2) for one in candidates(trials, 0)} == {0: 0.6, 1: 0.1}
    assert {one.number: round(one.score, 2) for one in candidates(trials[:3], 0)} == {0: 0.7, 1: 0.9}


def test_the_luckiest_of_many_equal_recipes_does_not_replace_the_declared_one():
    """Fifty recipes of equal quality: the luckiest first run is ten points ahead, and does not count more."""
    draw, replaced, ahead = np.random.default_rng(0), 0, []
    for _ in range(40):
        first = [trial(number, 0.7 + draw.normal(0, 0.05)) for number in range(50)]
        best = finalists(first, 0)
        again = [
            trial(50 + 3 * seed + place, 0.7 + draw.normal(0, 0.05), repeats=one.number, seed=seed)
            for seed in (8, 9)
            for place, one in enumerate(best)
        ]
        found = choose(candidates([*first, *again], 0), 0, "macro-F1")
        ahead.append(found.score - 0.7)
        replaced += found.trial != 0
    assert replaced <= 16
    assert np.mean(ahead) < 0.03


def test_a_recipe_that_diverged_with_another_seed_is_not_chosen():
    trials = [trial(0, 0.7), trial(1, 0.9), trial(2, None, repeats=1, seed=8, end="diverged")]
    assert [one.number for one in candidates(trials, 0)] == [0]
