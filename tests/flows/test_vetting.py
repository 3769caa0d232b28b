"""A sender that floods a model with one label is set aside, training uses the rest, and the report names it."""

import json

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from expectations.validation import InvalidData
from flows.retraining import run_retraining
from pipelines.ledger.ledger import Ledger
from pipelines.store.feedback_filter import FeedbackFilter
from pipelines.store.feedback_rows import Feedback, Origin
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store

pytestmark = pytest.mark.timeout(600)
FLOOD = 300
HONEST = (
    "my trunk is gone for good",
    "a bag of mine went to Rome",
    "two suitcases are dripping wet",
    "one case is broken",
)


@pytest.fixture(autouse=True)
def _prefect(prefect_url):
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        yield


def say(store, texts, label, customer, origin, first=0):
    """Feedback on answers to texts that no split holds out."""
    for number, text in enumerate(texts, start=first):
        one = Prediction("topics", 1, f"{'f' * 56}{number:08x}", text, "delay", 0.5, {})
        store.record([one])
        store.add(Feedback(one.id, label=label, customer=customer), origin=origin)


def test_a_flood_is_set_aside_and_does_not_stop_learning_unless_a_reviewer_is_behind_it(
    trained, declared, settings, monkeypatch
):
    monkeypatch.setattr("pipelines.store.database.DURABLE", ("BEGIN IMMEDIATE",))
    store = Store(settings.database)
    web = store.create_key("web", ("feedback",)).split("_")[1]
    flood = [f"number {number} of what nobody wrote, {number * 7919}" for number in range(FLOOD)]
    say(store, flood, "praise", "f" * 64, Origin(web))
    say(store, HONEST, "baggage", "a" * 64, Origin(web), first=FLOOD)
    again = run_retraining("topics")
    assert again.verdict == "promoted", again.reason
    assert again.version.version == 2
    checked = json.loads((settings.files.validations / "topics" / f"{again.version.snapshot}.json").read_text())
    assert checked["failed"] == []  # the accepted rows were checked, too
    assert "set aside 300 feedback rows of customer ffffffffffff with key web" in again.reason
    assert f"needloop labels list --model topics --key {web} --customer ffffffffffff --set-aside" in again.set_aside
    (aside,) = store.feedback_cleanup().aside()
    assert (aside.model, aside.rows) == ("topics", FLOOD)
    assert "expect_column_kl_divergence_to_be_less_than on 'label'" in aside.reason
    assert len(store.labelled_texts("topics", store.vocabulary("topics", declared.target))) == len(HONEST)
    assert run_retraining("topics").reason == "0 new labels of the 3 that start a retraining"

    store.feedback_cleanup().undo(FeedbackFilter(aside=True))
    say(store, flood, "praise", None, Origin("mei", review=True), first=1000)
    known = Ledger(settings.files.ledger).entries()
    with pytest.raises(InvalidData, match="300 rows of the reviewer with key mei: needloop labels list --model topics"):
        run_retraining("topics")
    assert store.feedback_cleanup().count(FeedbackFilter(aside=True)).rows == 0
    assert Ledger(settings.files.ledger).entries() == known
