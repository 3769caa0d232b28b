import pytest

from expectations.prior import BrokenPrior, adopt_shares, prior_file
from pipelines.kinds.classification.target import Labels


@pytest.fixture
def champion(good, validate_frames, settings, spec):
    """A version trained on the good snapshot is champion."""
    assert validate_frames(*good).success
    adopt_shares(only_snapshot(settings, spec), spec, settings.home)


def only_snapshot(settings, spec):
    (file,) = (settings.files.validations / spec.name).glob("*.json")
    return file.stem


def test_a_shift_of_the_labels_fails_until_somebody_accepts_it(good, validate_frames, settings, spec, champion):
    train, test = good
    shifted = train[(train["label"] != "negative") | (train.index < 100)]
    [failure] = validate_frames(shifted, test).failed
    assert failure.startswith("expect_column_kl_divergence_to_be_less_than on 'label' of train")
    assert "'negative'" in failure
    assert "(was 6" in failure
    assert "validation/mood.json" in failure
    prior_file(spec, settings.home).unlink()
    assert validate_frames(shifted, test).success


def test_what_no_champion_learnt_is_compared_with_nothing(good, validate_frames, settings, spec, champion):
    train, test = good
    prior_file(spec, settings.home).unlink()
    shifted = train[(train["label"] != "negative") | (train.index < 100)]
    assert validate_frames(shifted, test).success
    assert validate_frames(train, test).success, "the shifted snapshot was found good, and nobody promoted its version"


def test_a_snapshot_without_recorded_shares_leaves_those_of_before(settings, spec, champion):
    known = prior_file(spec, settings.home).read_bytes()
    adopt_shares("0" * 64, spec, settings.home)
    (settings.files.validations / spec.name / f"{'1' * 64}.json").write_text('{"checks": 21}')
    adopt_shares("1" * 64, spec, settings.home)
    assert prior_file(spec, settings.home).read_bytes() == known


def test_a_small_drift_of_the_labels_passes(good, validate_frames, champion):
    train, test = good
    assert validate_frames(train[(train["label"] != "negative") | (train.index < 300)], test).success


def test_what_failed_is_not_adopted(good, validate_frames, settings, spec):
    train, test = good
    validate_frames(train.assign(label="angry"), test)
    adopt_shares(only_snapshot(settings, spec), spec, settings.home)
    assert not prior_file(spec, settings.home).exists()


def test_labels_declared_anew_start_anew(good, validate_frames, spec, champion):
    fewer = [frame[frame["label"] != "negative"] for frame in good]
    assert validate_frames(*fewer, spec.model_copy(update={"target": Labels(labels=("neutral", "positive"))})).success


def test_an_unreadable_memory_is_named(good, validate_frames, settings, spec):
    file = prior_file(spec, settings.home)
    file.parent.mkdir(parents=True)
    file.write_text("[]")
    with pytest.raises(BrokenPrior, match=r"mood\.json.*delete it"):
        validate_frames(*good)
