import numpy as np
import pytest
from sklearn.metrics import f1_score

from pipelines.kinds.classification.objective import resampled_scores
from pipelines.tuning.resampled_score import ResampledScore

DRAW = np.random.default_rng(3)
TRUTH = DRAW.integers(0, 4, 120)
ANSWERS = np.where(DRAW.random(120) < 0.7, TRUTH, DRAW.integers(0, 4, 120))


def test_the_score_is_macro_f1_over_the_labels_that_occur():
    score, _ = ResampledScore(np.eye(6)[TRUTH], 0, resampled_scores).score(np.eye(6)[ANSWERS])
    assert score == pytest.approx(f1_score(TRUTH, ANSWERS, average="macro"))


def test_the_error_is_that_of_the_bootstrap():
    _, draws = ResampledScore(np.eye(4)[TRUTH], 0, resampled_scores).score(np.eye(4)[ANSWERS])
    rows = [np.random.default_rng(seed).integers(0, 120, 120) for seed in range(400)]
    plain = np.std([f1_score(TRUTH[one], ANSWERS[one], average="macro") for one in rows])
    assert draws.std() == pytest.approx(plain, rel=0.15)


def test_two_trials_are_resampled_alike():
    scale, answers = ResampledScore(np.eye(4)[TRUTH], 0, resampled_scores), np.eye(4)[ANSWERS]
    assert (scale.score(answers)[1] == scale.score(answers)[1]).all()
