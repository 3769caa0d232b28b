"""Alerts about rollouts and pauses."""

import shutil

import pytest

from pipelines.ledger.ledger import Ledger
from pipelines.promotion.pausing import pause
from pipelines.promotion.rollout import abort_rollout
from tests.pipelines.serving.rollout.conftest import CANARY, challenge


@pytest.fixture
def home(tmp_path, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "packages" / "1"))
    return tmp_path


def alerts(service):
    """The alerts, without those about parts that still load."""
    return [one for one in service.http.get("/v1/loop").json()["alerts"] if one["kind"] != "problem"]


def test_a_trial_that_ended_by_itself_is_told_until_another_is_promoted(home, start, promote):
    abort_rollout(Ledger(home / "ledger.jsonl"), challenge(home, CANARY), ("errors: 7 of 9 requests failed",))
    with start(home) as service:
        (told,) = alerts(service)
        assert (told["kind"], told["about"]) == ("abort", "sentiment")
        assert told["said"].startswith("version 2: errors: 7 of 9 requests failed (")
        promote(home, 1, home / "packages" / "1")
        assert "abort" not in [one["kind"] for one in alerts(service)]


def test_a_trial_that_cannot_begin_is_told_once(home, start, until):
    challenge(home, CANARY)
    shutil.rmtree(home / "packages" / "2")
    with start(home) as service:
        (told,) = until(lambda: alerts(service))
    assert (told["kind"], told["about"]) == ("abort", "sentiment")
    assert "could not be loaded" in told["said"]


def test_a_trial_that_cannot_begin_is_told_also_where_the_ledger_cannot_be_written(home, start, until):
    challenge(home, CANARY)
    shutil.rmtree(home / "packages" / "2")
    lock = home / "ledger.jsonl.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    with start(home) as service:
        (told,) = until(lambda: alerts(service))
    assert (told["kind"], told["about"]) == ("trial", "sentiment")
    assert "could not be loaded" in told["said"]


@pytest.mark.parametrize("answer", ["", "neutral"])
def test_a_pause_names_the_label_that_it_gives(home, start, answer):
    pause(Ledger(home / "ledger.jsonl"), "sentiment", "it insults people", answer, home / "cache")
    with start(home) as service:
        (told,) = alerts(service)
    assert (told["kind"], told["about"], told["answer"]) == ("paused", "sentiment", answer)
    assert told["said"].startswith("it insults people (")
