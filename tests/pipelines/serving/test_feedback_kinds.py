"""Feedback on answers of several kinds, sent to the route in this process."""

from types import SimpleNamespace

import pytest
from fastapi import Response

from pipelines.kinds import known
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.kinds.wire import UnfitLabel
from pipelines.masking.rules import MaskingRules
from pipelines.serving.api.feedback import give_feedback
from pipelines.serving.api.schemas import FeedbackRequest
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from tests.pipelines.kinds.stars import KIND, Stars


@pytest.fixture
def store(tmp_path):
    return Store(f"sqlite:///{tmp_path / 'needloop.db'}")


@pytest.fixture
def give(store):
    """Send feedback on an answer while a champion of that target answers; returns the events for Prefect."""

    def give(prediction, target, **said):
        told = []
        champion = SimpleNamespace(packaged=SimpleNamespace(target=target, masking=MaskingRules()))
        service = SimpleNamespace(
            health=SimpleNamespace(require_available=lambda: None),
            champions=SimpleNamespace(served=SimpleNamespace(loaded={prediction.model: champion})),
            metrics=Metrics(),
            outbox=SimpleNamespace(enqueue=told.append),
            store=store,
            customer_key=b"",
        )
        request = SimpleNamespace(state=SimpleNamespace(caller=None))
        give_feedback(FeedbackRequest(prediction=prediction.id, **said), service, request, Response())
        return told

    return give


def answered(store, label, payload, kind):
    made = Prediction("m", 1, "k", "late and rude", label, None, payload, kind=kind)
    store.record([made])
    return made


def test_an_answer_of_before_is_taught_what_its_model_may_say_now(store, give):
    before = answered(store, "delay", {"delay": 0.9, "staff": 0.1}, "classification")
    target = LabelSets(labels=("delay", "staff"))
    assert len(give(before, target, labels=["staff", "delay"])) == 1
    assert [one.label for one in store.labelled_texts("m", store.vocabulary("m", target))] == ["delay;staff"]
    with pytest.raises(UnfitLabel, match="choose from delay, staff"):
        give(before, target, labels=["queue"])


@pytest.mark.parametrize(("said", "taught"), [({"correct": True}, []), ({"label": "0.5"}, ["0.50"])], ids=["yes", "no"])
def test_an_answer_without_a_label_teaches_only_where_one_is_named(monkeypatch, store, give, said, taught):
    monkeypatch.setattr(known, "KINDS", {**known.KINDS, "stars": KIND})
    told = give(answered(store, None, {"stars": 0.4}, "stars"), Stars(), **said)
    assert [one.label for one in store.labelled_texts("m", store.vocabulary("m", Stars()))] == taught
    assert len(told) == len(taught), "a run that learns nothing is not started"
