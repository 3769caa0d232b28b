"""The counts that a canary records for each request, without a process around it."""

import asyncio
import time

import pytest
from sqlalchemy.exc import OperationalError

from pipelines.kinds.kind import Answer
from pipelines.promotion.rollout_status import in_canary
from pipelines.serving.engine.preprocessing import PreparedText
from pipelines.serving.models.champions import Champion
from pipelines.serving.models.prediction_cache import PredictionCache
from pipelines.serving.rollout.canary import CanaryRollout
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store.feedback_rows import Feedback
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from tests.pipelines.ledger.made import entry

TRIAL = entry("canary", "mood", 2, champion=1, time="2026-03-01T10:00:00.000+00:00", share=0.5, hours=1)
PROMOTION = entry("promote", "mood", 1)
CUSTOMERS = [f"{number:064x}" for number in range(100)]
PICKED = [one for one in CUSTOMERS if in_canary(one, TRIAL)]
OTHERS = [one for one in CUSTOMERS if not in_canary(one, TRIAL)]


@pytest.fixture
def store(tmp_path):
    return Store(f"sqlite:///{tmp_path / 'needloop.db'}")


class Packaged:
    """A package that takes so many seconds for a text, or fails."""

    def __init__(self):
        self.seconds, self.fails = 0.001, False

    def predict_tokens(self, encoded):
        if self.fails:
            raise RuntimeError("a text of a customer")
        time.sleep(self.seconds)
        return [Answer("classification", {"bad": 0.9}, "bad", 0.9) for _ in encoded]


@pytest.fixture
def challenger():
    return Packaged()


@pytest.fixture
def champion():
    return Packaged()


@pytest.fixture
def canary(store, challenger):
    return CanaryRollout(TRIAL, Champion(TRIAL, challenger, PredictionCache(challenger, 0)), store, Metrics())


@pytest.fixture
def ask(canary, champion):
    """Predict for a customer; returns the version that answered."""

    async def answers(one):
        return [
            Prediction("mood", one.entry.version, "k", "t", **vars(said))
            for said in one.cache.predict([PreparedText("t", "t")])
        ]

    def ask(customer):
        (one,) = asyncio.run(
            canary.predict(Champion(PROMOTION, champion, PredictionCache(champion, 0)), customer, answers)
        )
        return one.version

    return ask


def counts(store):
    return store.rollout_counts(TRIAL.hash())


def displeased(canary):
    """The number of customers with an opinion on each version, and of displeased ones among them."""
    (guard,) = [one for one in canary.status()["guards"] if one["guard"] == "satisfaction"]
    return {arm: (guard[arm]["tries"], guard[arm]["hits"]) for arm in ("challenger", "champion")}


def test_each_request_counts_for_who_answered_it(canary, store, ask):
    assert (ask(PICKED[0]), ask(OTHERS[0])) == (2, 1)
    canary.evaluate()
    assert displeased(canary) == {"challenger": (0, 0), "champion": (0, 0)}
    assert counts(store) == {("errors", "challenger"): (1, 0), ("errors", "champion"): (1, 0)}


def test_who_fails_alone_is_set_against_the_champion_on_the_same_texts_and_soon_aborted(canary, ask, challenger):
    challenger.fails = True
    assert {ask(PICKED[0]) for _ in range(8)} == {1}
    (reason,) = canary.evaluate()
    assert reason.startswith("errors: 8 of 8 of the challenger's requests failed, 0 of 8 of the champion's")


def test_where_both_fail_the_challenger_is_not_to_blame(canary, store, ask, challenger, champion):
    challenger.fails = champion.fails = True
    for _ in range(50):
        with pytest.raises(RuntimeError):
            ask(PICKED[0])
    assert canary.evaluate() == ()
    assert counts(store)["errors", "champion"] == (50, 50)


def test_a_slow_challenger_is_found_out_once_the_champion_s_times_are_known(canary, store, ask, challenger):
    for customer in OTHERS[:25]:
        ask(customer)
    assert canary.evaluate() == ()
    assert ("latency", "champion") not in counts(store)
    challenger.seconds = 0.03
    for customer, other in zip(PICKED[:15], OTHERS[25:40], strict=True):
        ask(other)
        ask(customer)
    (reason,) = canary.evaluate()
    assert reason.startswith("latency: 15 of 15 of the challenger's requests were slow")


def test_one_customer_who_is_slow_to_answer_all_day_counts_once_an_hour(canary, store, ask, challenger, monkeypatch):
    for customer in OTHERS[:25]:
        ask(customer)
    canary.evaluate()
    challenger.seconds = 0.03
    for _ in range(15):
        ask(PICKED[0])
    assert canary.evaluate() == ()
    assert counts(store)["latency", "challenger"] == (1, 1)
    monkeypatch.setattr("pipelines.serving.rollout.canary.HOUR", 0)
    ask(PICKED[0])
    canary.evaluate()
    assert counts(store)["latency", "challenger"] == (2, 2)


def test_counts_that_could_not_be_kept_are_kept_the_next_time(canary, store, ask, monkeypatch):
    ask(PICKED[0])
    with monkeypatch.context() as patched:
        patched.setattr(
            Store, "add_rollout_counts", lambda *_: (_ for _ in ()).throw(OperationalError("", {}, Exception("busy")))
        )
        with pytest.raises(OperationalError):
            canary.evaluate()
    ask(PICKED[0])
    canary.evaluate()
    assert counts(store)["errors", "challenger"] == (2, 0)


def test_what_was_taken_back_counts_against_nobody(canary, store):
    predictions = {one: Prediction("mood", 2, "k", "t", "bad", 0.9, {"bad": 0.9}, one) for one in PICKED[:25]}
    store.record(list(predictions.values()))
    said = [store.add(Feedback(one.id, correct=False)).id for one in predictions.values()]
    canary.evaluate()
    assert displeased(canary) == {"challenger": (25, 25), "champion": (0, 0)}
    for feedback in said:
        store.undo(feedback)
    canary.evaluate()
    assert displeased(canary) == {"challenger": (0, 0), "champion": (0, 0)}
