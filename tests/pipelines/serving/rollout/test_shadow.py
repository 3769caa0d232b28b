"""A shadow receives copies of requests and changes no answer."""

import time
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from pipelines.kinds.classification.target import Labels
from pipelines.kinds.kind import Answer
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.ledger.ledger import Ledger
from pipelines.promotion.pausing import pause
from pipelines.serving.models.champions import Champion
from pipelines.serving.rollout import shadow
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store.database import open_database
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from pipelines.store.tables import SHADOWS
from tests.pipelines.ledger.made import entry
from tests.pipelines.serving.rollout.conftest import FAILS, OTHERWISE, SHADOW, challenge, events, trial, versions

ENTRY = entry("shadow", "mood", 2, champion=1)
ANSWER, TARGET = Answer("classification", {"bad": 1.0}, "bad", 1.0), Labels(labels=("bad", "good"))


def shadow_answers(home):
    with open_database(f"sqlite:///{home / 'needloop.db'}").connect() as connection:
        return {row.prediction: row.label for row in connection.execute(select(SHADOWS))}


def test_a_shadow_answers_nobody_and_its_agreement_is_told_by_label(home, start, until):
    challenge(home, SHADOW, **OTHERWISE)
    with start(home) as service:
        until(lambda: trial(service))
        given = [service.first(text, customer="c-1") for text in ("bad", "bad", "so so")]
        assert [one["label"] for one in given] == ["negative", "negative", "neutral"]
        until(lambda: trial(service)["answers"] == 3)
        told = trial(service)
        assert (told["mode"], told["version"], told["agreement"]) == ("shadow", 2, 0.3333)
        assert {one["label"]: one["agreement"] for one in told["labels"]} == {"negative": 0, "neutral": 1}
        until(lambda: len(shadow_answers(home)) == 3)
        assert [shadow_answers(home)[one["id"]] for one in given] == ["positive", "positive", "neutral"]
        assert (
            'needloop_shadow_total{model="sentiment",outcome="differed",version="2"} 2'
            in service.http.get("/metrics").text
        )


def test_a_shadow_that_fails_is_counted_and_goes_on(home, start, until):
    challenge(home, SHADOW, **FAILS)
    with start(home) as service:
        until(lambda: trial(service))
        assert set.union(*versions(service, customers=5).values()) == {1}
        until(lambda: trial(service)["failed"] == 5)
        service.predict("good")
        until(lambda: trial(service)["answers"] == 1)
        assert events(home)[-1] == "shadow"


def test_what_a_paused_model_says_is_nobody_s_answer_and_not_copied(home, start, until):
    challenge(home, SHADOW)
    pause(Ledger(home / "ledger.jsonl"), "sentiment", "it insults people", "neutral", home / "cache")
    with start(home) as service:
        until(lambda: trial(service))
        service.predict("bad")
        time.sleep(1.5)
        assert trial(service)["answers"] == 0


class Slow:
    """A package that takes so many seconds for each text."""

    def __init__(self, seconds, answer=ANSWER, target=TARGET):
        self.seconds, self.answer, self.target, self.busy = seconds, answer, target, 0.0

    def predict(self, texts):
        time.sleep(self.seconds)
        self.busy += self.seconds
        return [self.answer]


@pytest.fixture
def shaded(tmp_path):
    """Makes a shadow of a model that takes so many seconds for a text."""
    made, store = [], Store(f"sqlite:///{tmp_path / 'needloop.db'}")

    def shaded(seconds, **more):
        slow = Slow(seconds, **more)
        one = shadow.ShadowRollout(ENTRY, Champion(ENTRY, slow, None), store, Metrics())
        made.append(one)
        return SimpleNamespace(shadow=one, slow=slow, store=store)

    yield shaded
    for one in made:
        one.close()


def copies(store, number):
    found = [Prediction("mood", 1, "k", "so bad", "bad", 1.0, {"bad": 1.0}) for _ in range(number)]
    store.record(found)
    return found


def test_copies_that_find_the_queue_full_are_dropped_at_once_and_counted(shaded):
    one = shaded(seconds=0.5)
    many = copies(one.store, shadow.QUEUE_SIZE + 100)
    begun = time.monotonic()
    one.shadow.enqueue(many)
    assert time.monotonic() - begun < 0.3
    one.shadow.evaluate()
    (dropped, _) = one.store.rollout_counts(ENTRY.hash())["copies", "dropped"]
    assert 98 <= dropped <= 100


def test_each_of_several_labels_is_counted_by_itself(shaded, until):
    scores = {"delay": 0.9, "staff": 0.2, "refund": 0.8}
    answer = Answer("multilabel", scores, "delay;refund", 0.8)
    one = shaded(seconds=0, answer=answer, target=LabelSets(labels=tuple(scores)))
    copy = Prediction("mood", 1, "k", "late and rude", "delay;staff", 0.7, scores, kind="multilabel")
    one.store.record([copy])
    one.shadow.enqueue([copy])
    until(lambda: one.store.rollout_counts(ENTRY.hash()))
    counts = {("agreement", ""): (1, 0), ("labels", "delay"): (1, 1), ("labels", "staff"): (1, 0)}
    assert one.store.rollout_counts(ENTRY.hash()) == counts


def test_a_shadow_takes_no_more_of_a_core_than_is_declared(shaded):
    one = shaded(seconds=0.01)
    one.shadow.enqueue(copies(one.store, 300))
    begun = time.monotonic()
    time.sleep(2)
    assert 0 < one.slow.busy / (time.monotonic() - begun) <= shadow.CORE_SHARE
