"""A handicapped challenger loses what the handicap demands, in the population and in the mean of many samples."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from pipelines.bench.gate.handicaps import OutOfReach, break_label, likeliest_confusion, shift_score
from pipelines.bench.gate.population import Sample, draw_sample, gain
from pipelines.bench.gate.scenarios import label_breaks
from pipelines.kinds.classification.evaluation.label_resamples import accuracy
from pipelines.kinds.labelled.label_counts import macro_f1


def samples(of, change, times=300):
    return [draw_sample(of, change, np.random.default_rng(number)) for number in range(times)]


def right(found, messages):
    return float(np.mean([(getattr(one, messages) == one.references).mean() for one in found]))


def recall(found, label):
    """The recall of a label over all samples, of champion and challenger."""
    whole = Sample(
        *(np.concatenate([getattr(one, part) for one in found]) for part in ("references", "champion", "challenger"))
    )
    rows = whole.references == label
    return [(said[rows] == label).mean() for said in (whole.champion, whole.challenger)]


def test_neither_is_better_in_truth_and_in_the_mean_of_samples(of):
    same = shift_score(of, 0.0, accuracy)
    assert gain(of, same, accuracy) == pytest.approx(0, abs=1e-12)
    assert gain(of, same, macro_f1) == pytest.approx(0, abs=1e-12)
    found = samples(of, same)
    assert {len(one.references) for one in found} == {400}
    assert right(found, "challenger") == pytest.approx(right(found, "champion"), abs=0.003)
    assert any((one.champion != one.challenger).any() for one in found)


@pytest.mark.parametrize("points", [-0.04, 0.03])
def test_a_challenger_is_worse_or_better_by_exactly_what_was_asked(of, points):
    assert gain(of, shift_score(of, points, macro_f1), macro_f1) == pytest.approx(points, abs=1e-9)
    change = shift_score(of, points, accuracy)
    assert gain(of, change, accuracy) == pytest.approx(points, abs=1e-9)
    found = samples(of, change)
    assert right(found, "challenger") - right(found, "champion") == pytest.approx(points, abs=0.004)


def test_the_truth_of_macro_f1_is_that_of_a_large_sample(of):
    change = shift_score(of, -0.05, macro_f1)
    found = samples(of, change)
    given, champion, challenger = (
        np.concatenate([getattr(one, part) for one in found]) for part in ("references", "champion", "challenger")
    )
    scores = [f1_score(given, said, average="macro") for said in (champion, challenger)]
    assert scores[1] - scores[0] == pytest.approx(-0.05, abs=0.003)


def test_more_than_is_wrong_cannot_be_gained(of):
    with pytest.raises(OutOfReach, match=r"\+0\.200, at most \+0\.1"):
        shift_score(of, 0.2, accuracy)


def test_one_label_is_broken_while_accuracy_rises(of):
    change = break_label(of, 2, lost=0.5, points=0.01)
    assert gain(of, change, accuracy) == pytest.approx(0.01, abs=1e-9)
    found = samples(of, change)
    before, after = recall(found, 2)
    assert after == pytest.approx(before / 2, abs=0.02)
    for other in (0, 1, 3, 4, 5, 6, 7):
        before, after = recall(found, other)
        assert after > before
    assert right(found, "challenger") - right(found, "champion") == pytest.approx(0.01, abs=0.004)


def test_the_broken_label_is_taken_for_the_one_it_is_most_confused_with(of):
    change = break_label(of, 2, lost=1.0, points=-0.05)
    own = [one.challenger[one.references == 2] for one in samples(of, change, 20)]
    said, times = np.unique(np.concatenate(own), return_counts=True)
    assert 2 not in said
    assert said[times.argmax()] == likeliest_confusion(of, 2)
    assert times.max() > 0.9 * times.sum()


def test_labels_that_the_others_cannot_make_up_for_are_not_broken(of):
    assert set(label_breaks(of, 0.1, 0.01)) == set(of.labels)
    assert not label_breaks(of, 1.0, 0.05)  # an eighth of the texts would be lost, a tenth is wrong
