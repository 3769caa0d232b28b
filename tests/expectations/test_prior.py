import pytest

from expectations.prior import BrokenPrior, prior_file


def test_a_shift_of_the_labels_fails_until_somebody_accepts_it(good, judged, settings, spec):
    train, test = good
    assert judged(train, test).success
    shifted = train[(train["label"] != "negative") | (train.index < 100)]
    [failure] = judged(shifted, test).failed
    assert failure.startswith("expect_column_kl_divergence_to_be_less_than on 'label' of train")
    assert "'negative'" in failure
    assert "(was 6" in failure
    assert "validation/mood.json" in failure
    prior_file(spec, settings.home).unlink()
    assert judged(shifted, test).success


def test_a_small_drift_of_the_labels_passes(good, judged):
    train, test = good
    assert judged(train, test).success
    assert judged(train[(train["label"] != "negative") | (train.index < 300)], test).success


def test_what_failed_is_not_remembered(good, judged, settings, spec):
    train, test = good
    judged(train.assign(label="angry"), test)
    assert not prior_file(spec, settings.home).exists()


def test_labels_declared_anew_start_anew(good, judged, spec):
    assert judged(*good).success
    fewer = [frame[frame["label"] != "negative"] for frame in good]
    assert judged(*fewer, spec.model_copy(update={"labels": ("neutral", "positive")})).success


def test_an_unreadable_memory_is_named(good, judged, settings, spec):
    file = prior_file(spec, settings.home)
    file.parent.mkdir(parents=True)
    file.write_text("[]")
    with pytest.raises(BrokenPrior, match=r"mood\.json.*delete it"):
        judged(*good)
