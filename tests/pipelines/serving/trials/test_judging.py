"""What a canary notes of each request, without a process around it."""

import time

import pytest

from pipelines.ledger import Entry
from pipelines.promotion.faring import picked
from pipelines.serving.champions import Champion
from pipelines.serving.metrics import Metrics
from pipelines.serving.trials.canary import Canary
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store

TRIAL = Entry("canary", "mood", 2, "", "", "", "", (), 1, time="2026-03-01T10:00:00.000+00:00", share=0.5, hours=1)
CHAMPION = Champion(Entry("promote", "mood", 1, "", "", "", "", (), None), None)
CUSTOMERS = [f"{number:064x}" for number in range(100)]
PICKED = [one for one in CUSTOMERS if picked(one, TRIAL)]
OTHERS = [one for one in CUSTOMERS if not picked(one, TRIAL)]


@pytest.fixture
def store(tmp_path):
    return Store(f"sqlite:///{tmp_path / 'needloop.db'}")


@pytest.fixture
def canary(store):
    return Canary(Champion(TRIAL, None), store, Metrics())


def answering(seconds=0.0, fails=(), score=0.9):
    """How both answer: the challenger after so many seconds."""

    def ask(one):
        if one.entry.version in fails:
            raise RuntimeError("a text of a customer")
        time.sleep(seconds if one.entry.version == 2 else 0.001)
        return [Prediction("mood", one.entry.version, "k", "t", "bad", score, {"bad": score})]

    return ask


def counts(store):
    return store.tallied(TRIAL.hash())


def test_each_request_counts_for_who_answered_it(canary, store):
    assert canary.ask(CHAMPION, PICKED[0], answering())[0].version == 2
    assert canary.ask(CHAMPION, OTHERS[0], answering())[0].version == 1
    assert canary.settle() == ()
    assert counts(store) == {("errors", "challenger"): (1, 0), ("errors", "champion"): (1, 0)}


def test_who_fails_alone_is_set_against_the_champion_on_the_same_texts_and_soon_aborted(canary, store):
    for _ in range(8):
        assert canary.ask(CHAMPION, PICKED[0], answering(fails=[2]))[0].version == 1
    (reason,) = canary.settle()
    assert reason.startswith("errors: 8 of 8 of the challenger's requests failed, 0 of 8 of the champion's")


def test_where_both_fail_the_challenger_is_not_to_blame(canary, store):
    for _ in range(50):
        with pytest.raises(RuntimeError):
            canary.ask(CHAMPION, PICKED[0], answering(fails=[1, 2]))
    assert canary.settle() == ()
    assert counts(store)["errors", "champion"] == (50, 50)


def test_a_slow_challenger_is_found_out_once_the_champion_s_times_are_known(canary, store):
    for customer in OTHERS[:25]:
        canary.ask(CHAMPION, customer, answering())
    assert canary.settle() == ()
    assert ("latency", "champion") not in counts(store)
    for customer, other in zip(PICKED[:15], OTHERS[25:40], strict=True):
        canary.ask(CHAMPION, other, answering())
        canary.ask(CHAMPION, customer, answering(seconds=0.03))
    (reason,) = canary.settle()
    assert reason.startswith("latency: 15 of 15 of the challenger's requests were slow")


def test_one_customer_who_is_slow_to_answer_all_day_counts_once_an_hour(canary, store, monkeypatch):
    for customer in OTHERS[:25]:
        canary.ask(CHAMPION, customer, answering())
    canary.settle()
    for _ in range(15):
        canary.ask(CHAMPION, PICKED[0], answering(seconds=0.03))
    assert canary.settle() == ()
    assert counts(store)["latency", "challenger"] == (1, 1)
    monkeypatch.setattr("pipelines.serving.trials.canary.HOUR", 0)
    canary.ask(CHAMPION, PICKED[0], answering(seconds=0.03))
    canary.settle()
    assert counts(store)["latency", "challenger"] == (2, 2)


def test_counts_that_could_not_be_kept_are_kept_the_next_time(canary, store, monkeypatch):
    from sqlalchemy.exc import OperationalError

    canary.ask(CHAMPION, PICKED[0], answering())
    with monkeypatch.context() as patched:
        patched.setattr(Store, "tally", lambda *_: (_ for _ in ()).throw(OperationalError("", {}, Exception("busy"))))
        with pytest.raises(OperationalError):
            canary.settle()
    canary.ask(CHAMPION, PICKED[0], answering())
    canary.settle()
    assert counts(store)["errors", "challenger"] == (2, 0)
