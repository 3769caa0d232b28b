from dataclasses import replace

import numpy as np
import pytest

from pipelines.bench import ours
from pipelines.bench.data import load_split
from pipelines.bench.retraining import hold_back, measure_both
from pipelines.catalog.recipe import Ensemble


@pytest.fixture
def split(folder):
    return load_split("banking77", folder)


def test_a_recipe_learns_its_labels_and_answers_in_order(split, small_setups, bench):
    seen = []
    watched = replace(bench, progress=lambda *step: seen.append(step))
    trained = ours.train(small_setups["banking77"], split, 7, watched)
    assert np.mean(np.array(trained.answers(split.test.texts)) == split.test.labels) > 0.8
    assert seen[-1] == ("banking77 seed 7", 14, 14)
    assert [second for second, _ in trained.points] == sorted(second for second, _ in trained.points)
    assert max(score for _, score in trained.points) > 0.8


def test_without_validation_the_last_state_is_kept(split, small_setups, bench):
    whole = replace(small_setups["banking77"], whole=True)
    trained = ours.train(whole, split, 7, bench)
    start = ours.train(replace(whole, recipe=whole.recipe.model_copy(update={"epochs": 0})), split, 7, bench)
    assert trained.learnt.rows == 240
    assert trained.points == []
    moved = np.abs(trained.logits(split.test.texts[:3]) - start.logits(split.test.texts[:3])).max()
    assert moved > 0.1
    assert trained.learnt.curve.score == []
    assert len(trained.learnt.curve.loss) == 2 * 8  # without validation there is no patience


def test_without_validation_a_running_mean_is_kept_too(split, small_setups, bench):
    plain = replace(small_setups["banking77"], whole=True)
    mean = replace(plain, recipe=plain.recipe.model_copy(update={"averaging": 0.9}))
    one, other = (ours.train(which, split, 7, bench).logits(split.test.texts[:5]) for which in (plain, mean))
    assert np.abs(one - other).max() > 0.01


def test_an_instant_recipe_has_one_point(split, small_setups, bench):
    trained = ours.train(small_setups["instant-banking77"], split, 7, bench)
    assert trained.points == [(trained.seconds, trained.points[0][1])]
    assert trained.points[0][1] > 0.5


def test_an_ensemble_answers_with_the_mean_and_is_stamped_by_its_last(split, small_setups, bench):
    recipe = small_setups["banking77"].recipe.model_copy(update={"ensemble": Ensemble(members=2, answer="average")})
    trained = ours.train(replace(small_setups["banking77"], recipe=recipe), split, 7, bench)
    chances = np.exp(trained.logits(split.test.texts[:5]))
    assert chances.sum(1) == pytest.approx(np.ones(5), abs=1e-4)
    assert len(trained.points) == 3
    assert trained.points[0][0] > trained.seconds / 4  # the first member was trained before


def test_feedback_is_what_the_champion_has_not_seen(split, small_setups, bench, monkeypatch):
    told = hold_back(split, 40, seed=7)
    assert len(told.feedback.texts) == 40
    assert sorted(told.before.train.texts + told.feedback.texts) == sorted(split.train.texts)
    monkeypatch.setattr("pipelines.bench.retraining.FEEDBACK", 40)
    found = measure_both(small_setups["retraining"], split, 7, bench)
    assert min(found["again_seconds"], found["scratch_seconds"]) > 0
    assert {found[name] > 0.6 for name in ("before", "again", "scratch")} == {True}
