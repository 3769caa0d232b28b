"""The author of feedback over HTTP (customer, reviewer or none), and the limits of its amount."""

import json
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from pipelines.masking.identity import customer_hash, secret_key
from pipelines.serving.application import app
from pipelines.store import quota
from pipelines.store.feedback_filter import FeedbackFilter
from pipelines.store.feedback_rows import Feedback
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from pipelines.store.votes import AllowedCells, Sender
from pipelines.workspace.settings import Settings

LABELS = AllowedCells(("negative", "neutral", "positive"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("authors")


@pytest.fixture(scope="module")
def keys(home):
    store = Store(f"sqlite:///{home / 'needloop.db'}")
    scopes = {"web": ("predict", "feedback"), "mei": ("feedback", "review")}
    return {name: store.create_key(name, given) for name, given in scopes.items()}


@pytest.fixture(scope="module")
def client(home, keys):
    settings = Settings(home=home, _env_file=None)
    with TestClient(app(settings), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def store(client, home):
    return Store(f"sqlite:///{home / 'needloop.db'}")


@pytest.fixture
def give(client, keys, store, home):
    """Send feedback with a key on an answer to a customer; answers with equal `text` are about the same text."""

    def give(key, text, writer=None, **said):
        writer = writer and customer_hash(writer, secret_key(home))
        one = Prediction("sentiment", 1, text, text, "neutral", 0.5, dict.fromkeys(LABELS.only, 0.3), customer=writer)
        store.record([one])
        headers = {"Authorization": f"Bearer {keys[key]}"}
        return client.post("/v1/feedback", json={"prediction": one.id, **said}, headers=headers)

    return give


def rows(store, *responses):
    return [store.feedback_cleanup().find(FeedbackFilter(ids=(one.json()["id"],)), 1)[0] for one in responses]


def labels_learnt(store, text):
    return [one.label for one in store.labelled_texts("sentiment", LABELS) if one.key == text]


def test_a_row_keeps_the_key_and_its_author(give, store, home):
    named = give("web", "kept", "writer", label="negative", customer="c-1042")
    unnamed = give("web", "kept", "writer", label="negative")
    reviewed = give("mei", "kept", "writer", label="negative")
    passed_on = give("mei", "kept", "writer", label="negative", customer="c-1042")
    key = secret_key(home)
    authors = [(row.name, row.customer, row.review) for row in rows(store, named, unnamed, reviewed, passed_on)]
    assert authors == [
        ("web", customer_hash("c-1042", key), False),
        ("web", customer_hash("writer", key), False),
        ("mei", None, True),
        ("mei", customer_hash("c-1042", key), False),
    ]


def test_another_customers_later_word_on_the_same_text_is_a_vote_and_replaces_nothing(give, store):
    for writer in ("ann", "bob"):
        assert give("web", "voted", writer, label="positive").status_code == 201
    give("web", "voted", "troll", label="negative")
    assert labels_learnt(store, "voted") == ["positive"]
    give("mei", "voted", label="neutral")
    assert labels_learnt(store, "voted") == ["neutral"]


@pytest.mark.parametrize("customer", ["", "x" * 201, 7])
def test_a_customer_is_named_as_in_a_prediction(give, customer):
    assert give("web", "odd", label="negative", customer=customer).status_code == 422


def test_a_tie_waits_for_review_and_is_counted(give, store, client, keys, monkeypatch):
    monkeypatch.setattr("pipelines.serving.console.console_context.TIMES", 0)  # however slow this machine is
    give("web", "tied", "ann", label="positive")
    give("web", "tied", "bob", label="negative")
    assert labels_learnt(store, "tied") == []
    headers = {"Authorization": f"Bearer {keys['mei']}"}
    first, *_ = client.get("/v1/models/sentiment/review", headers=headers).json()["messages"]
    assert (first["text"], first["tied"], first["taught"]) == ("tied", True, None)
    circuits = client.get("/v1/loop", headers=headers).json()["models"]
    assert [one["ties"] for one in circuits if one["model"] == "sentiment"] == [1]
    give("mei", "tied", label="positive")
    circuits = client.get("/v1/loop", headers=headers).json()["models"]
    assert [one["ties"] for one in circuits if one["model"] == "sentiment"] == [0]


def test_an_answer_that_is_full_is_told_with_409_and_counted(client, keys, store):
    one = Prediction("sentiment", 1, "full", "full", "neutral", 0.5, dict.fromkeys(LABELS.only, 0.3))
    store.record([one])
    said, headers = {"prediction": one.id, "rating": 1}, {"Authorization": f"Bearer {keys['web']}"}
    found = [client.post("/v1/feedback", json=said, headers=headers) for _ in range(quota.PER_AUTHOR + 1)]
    assert [response.status_code for response in found] == [201] * quota.PER_AUTHOR + [409]
    assert "20 rows of feedback of this author, which is the limit" in found[-1].json()["detail"]
    counted = client.get("/metrics", headers=headers).text
    assert 'needloop_feedback_refused_total{limit="author",model="sentiment"} 1.0' in counted


def test_a_customer_who_says_too_much_within_an_hour_is_told_with_429_and_when_to_come_back(give, store, monkeypatch):
    monkeypatch.setattr(quota, "PER_CUSTOMER", 2)
    found = [give("web", f"much {number}", rating=1, customer="eager") for number in range(3)]
    assert [response.status_code for response in found] == [201, 201, 429]
    assert 3500 < int(found[-1].headers["Retry-After"]) <= 3600
    assert "this customer has sent 2 rows" in found[-1].json()["detail"]
    assert give("web", "much 9", rating=1, customer="calm").status_code == 201


def test_a_page_of_the_inbox_stays_small_whatever_was_said(client, keys, store, monkeypatch):
    monkeypatch.setattr(quota, "PER_ANSWER", 10_000)
    monkeypatch.setattr(quota, "PER_AUTHOR", 10_000)
    monkeypatch.setattr(quota, "PER_CUSTOMER", 10_000)
    one = Prediction(
        "sentiment", 1, "loud", "loud", "neutral", 0.5, {}, customer="c" * 64, time=datetime(2100, 1, 1, tzinfo=UTC)
    )
    store.record([one])
    monkeypatch.setattr("pipelines.store.database.DURABLE", ("BEGIN IMMEDIATE",))
    for number in range(300):
        store.add(Feedback(one.id, rating=1 + number % 5, comment="again and again " * 60))
    headers = {"Authorization": f"Bearer {keys['mei']}"}
    page = client.get("/v1/models/sentiment/messages", params={"limit": 1}, headers=headers)
    (shown,) = page.json()["messages"]
    assert (shown["text"], len(shown["said"]), shown["more"]) == ("loud", 10, 290)
    assert len(page.content) < 15_000
    assert "c" * 13 not in json.dumps(shown)


def test_what_a_run_has_set_aside_is_an_alert_with_the_command_that_lists_it(give, store, client, keys):
    give("web", "flood", label="negative", customer="flooder")
    (row,) = store.feedback_cleanup().find(FeedbackFilter(model="sentiment"), 1)
    store.feedback_cleanup().set_sender_aside(
        "sentiment", Sender(row.key, row.customer, customers=True), "somebody: a check failed"
    )
    headers = {"Authorization": f"Bearer {keys['mei']}"}
    (alert,) = [one for one in client.get("/v1/loop", headers=headers).json()["alerts"] if one["kind"] == "aside"]
    assert alert["about"] == "sentiment"
    assert alert["said"].startswith("1 rows of somebody: a check failed (")
    assert alert["said"].endswith("listed by: needloop labels list --model sentiment --set-aside")
