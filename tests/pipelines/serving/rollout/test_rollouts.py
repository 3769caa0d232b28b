"""Rollouts during other failures: in doubt the champion answers all customers."""

from threading import Event, current_thread

import pytest
from sqlalchemy.exc import OperationalError

from pipelines.ledger.ledger import Ledger
from pipelines.serving.models.loading import load
from pipelines.serving.rollout.canary import CanaryRollout
from pipelines.serving.rollout.rollouts import Rollouts
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store.store import Store
from tests.pipelines.serving.rollout.conftest import CANARY, SHADOW, challenge, events


def begun(home, **more):
    """Rollouts with a running canary."""
    challenge(home, CANARY)
    store = Store(f"sqlite:///{home / 'needloop.db'}")
    found = Rollouts(Ledger(home / "ledger.jsonl"), home / "cache", {}, store, Metrics(), **more)
    found.refresh()
    assert "sentiment" in found.running
    return found


@pytest.fixture
def trials(home):
    return begun(home)


def settling(monkeypatch, how):
    def evaluate(_):
        if isinstance(how, Exception):
            raise how
        return how

    monkeypatch.setattr(CanaryRollout, "evaluate", evaluate)


def test_who_cannot_be_judged_does_not_answer(trials, home, monkeypatch):
    settling(monkeypatch, ZeroDivisionError())
    trials.refresh()
    assert trials.running == {}
    assert Ledger(home / "ledger.jsonl").entries()[-1].reasons == ("it could not be judged: ZeroDivisionError",)


def test_a_store_that_is_busy_is_asked_again(trials, home, monkeypatch):
    settling(monkeypatch, OperationalError("", {}, Exception("busy")))
    trials.refresh()
    assert trials.running
    assert trials.due()
    assert events(home)[-1] == "canary"


def test_what_is_aborted_is_over_at_once_and_said_as_soon_as_the_ledger_can_be_written(trials, home, monkeypatch):
    settling(monkeypatch, ("errors: too many",))
    with monkeypatch.context() as full:
        full.setattr(Ledger, "append", lambda *_: (_ for _ in ()).throw(OSError("no space left")))
        trials.refresh()
    assert trials.running == {}
    assert events(home)[-1] == "canary"
    trials.refresh()
    assert events(home)[-1] == "abort"
    assert not trials.due() or trials.refresh() is None
    assert events(home).count("abort") == 1
    assert trials.running == {}


def test_a_ledger_that_cannot_be_believed_begins_and_ends_nothing(trials, home):
    ledger = home / "ledger.jsonl"
    whole = ledger.read_text()
    ledger.write_text("".join(whole.splitlines(keepends=True)[:-1]))
    trials.refresh()
    assert trials.running
    ledger.write_text(whole)
    assert trials.due()
    trials.refresh()
    assert trials.running


def test_a_challenger_that_is_long_in_coming_keeps_no_other_trial_waiting(home, monkeypatch):
    monkeypatch.setattr("pipelines.serving.models.loading.WAIT_SECONDS", 0.1)
    go, late = Event(), []

    def slow(trial, cache):
        if trial.version == 3:
            late.append(current_thread())
            go.wait(60)
        return load(trial, cache)

    trials = begun(home, load_package=slow)
    challenge(home, SHADOW, version=3)
    trials.refresh()
    assert (trials.running, trials.due()) == ({}, True)
    began = challenge(home, CANARY, version=4)
    while not trials.running:
        trials.refresh()
    assert trials.running["sentiment"].rollout == began
    go.set()
    (loading,) = late
    loading.join()
    trials.refresh()
    assert trials.running["sentiment"].rollout == began, "what came too late takes nobody's place"


def test_the_next_trial_of_a_model_takes_the_place_of_the_one_before(trials, home):
    began = challenge(home, SHADOW, version=3)
    trials.refresh()
    assert trials.running["sentiment"].rollout == began
    trials.close()
