import sqlite3
from uuid import uuid4

import pytest

from pipelines.store.labelled_feedback import LabelledText
from pipelines.store.votes import AllowedCells

LABELS = AllowedCells(("negative", "neutral", "positive"))


@pytest.fixture
def give(service):
    """Send feedback, with an idempotency key if given."""

    def give(prediction=None, key=None, **said):
        headers = {"Idempotency-Key": key} if key else {}
        prediction = prediction or service.first()["id"]
        return service.http.post("/v1/feedback", json={"prediction": prediction, **said}, headers=headers)

    return give


def test_a_correction_becomes_a_lesson(service, give):
    text = f"so wrong {uuid4()}"
    prediction = service.first(text)
    response = give(prediction["id"], label="negative", correct=False, rating=1)
    assert response.status_code == 201
    assert response.json()["model"] == "sentiment"
    kept = service.store.prediction(prediction["id"])
    expected = LabelledText(kept.key, kept.text, "negative", response.json()["id"])
    assert service.store.labelled_texts("sentiment", LABELS)[-1] == expected


def test_the_same_key_and_body_are_kept_once(service, give):
    prediction, before = service.first()["id"], service.store.count_feedback("sentiment")
    first, second = (give(prediction, key="again", correct=True) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert service.store.count_feedback("sentiment") == before + 1


def test_the_same_key_with_another_body_is_refused(give):
    assert give(key="other", correct=True).status_code == 201
    assert give(key="other", correct=True).status_code == 409


def test_feedback_on_an_unknown_prediction_is_refused(give):
    assert give("0" * 32, correct=True).status_code == 404


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"label": "furious-7"},
        {"label": None, "comment": None},
        {"rating": 0},
        {"rating": 6},
        {"rating": True},
        {"rating": 4.5},
        {"correct": "yes"},
        {"comment": ""},
        {"comment": "furious-7" * 1112},
        {"lable": "furious-7"},
        {"prediction": "\u0000", "correct": True},
        {"prediction": 7, "correct": True},
    ],
    ids=str,
)
def test_malformed_feedback_is_refused_without_repeating_it(service, give, said):
    before = service.store.last_feedback("sentiment")
    response = give(**said)
    assert response.status_code == 422
    assert "furious-7" not in response.text
    assert "lable" not in response.text
    assert service.store.last_feedback("sentiment") == before


def test_a_wrong_label_is_answered_with_the_right_ones(give):
    (detail,) = give(label="furious").json()["detail"]
    assert detail["msg"].endswith("choose from negative, neutral, positive")


def test_a_key_that_names_somebody_is_kept_as_a_hash(service, give):
    assert [give(key="jane.roe@keys.example", correct=True).status_code for _ in range(2)] == [201, 409]
    assert not any(b"jane.roe@keys" in path.read_bytes() for path in service.home.glob("needloop.db*"))


@pytest.mark.parametrize(("label", "correct"), [("negative", True), ("neutral", False)])
def test_feedback_that_contradicts_itself_is_refused(give, service, label, correct):
    prediction = service.first("so")
    assert prediction["label"] == "neutral"
    (detail,) = give(prediction["id"], label=label, correct=correct).json()["detail"]
    assert (detail["loc"], "the model answered 'neutral'" in detail["msg"]) == (["body", "label"], True)
    assert give(prediction["id"], label=label, correct=not correct).status_code == 201


def test_a_refusal_is_in_our_words(give):
    (detail,) = give().json()["detail"]
    assert detail["msg"].startswith("say at least one of")


def test_a_comment_is_kept_masked(service, give):
    assert give(comment="call me: jane.roe@somewhere.org", rating=2).status_code == 201
    files = [path.read_bytes() for path in service.home.glob("needloop.db*")]
    assert any(b"call me: <EMAIL>" in content for content in files)
    assert not any(b"jane.roe" in content for content in files)


def test_a_rating_alone_is_kept_but_teaches_nothing(service, give):
    before = service.store.count_feedback("sentiment")
    assert give(rating=5).status_code == 201
    assert service.store.count_feedback("sentiment") == before


@pytest.mark.parametrize(
    "said", [{"none": True}, {"labels": []}, {"none": True, "labels": []}, {"labels": [], "correct": False}]
)
def test_none_of_the_labels_is_kept_as_a_complaint_and_teaches_nothing(service, give, said):
    before = service.store.count_feedback("sentiment")
    assert give(**said).status_code == 201
    with sqlite3.connect(service.home / "needloop.db") as database:
        kept = database.execute("SELECT label, correct, none_fits FROM feedback ORDER BY id DESC LIMIT 1").fetchone()
    assert kept == (None, 0, 1)
    assert service.store.count_feedback("sentiment") == before


@pytest.mark.parametrize("more", [{"label": "neutral"}, {"labels": ["neutral"]}, {"correct": True}])
def test_none_of_the_labels_beside_a_label_is_refused(give, more):
    assert give(none=True, **more).status_code == 422


def test_an_empty_list_of_labels_contradicts_a_right_answer(give):
    assert give(labels=[], correct=True).status_code == 422


def test_without_none_other_feedback_counts(give):
    assert give(none=False, label="neutral").status_code == 201
    refused = give(none=False)
    assert (refused.status_code, "say at least one of" in refused.text) == (422, True)
