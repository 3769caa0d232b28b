"""Both clients against a real service: their answers, and the faults that they survive."""

import asyncio
import inspect
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from pipelines.client import outcome
from pipelines.client.asynchronous import AsyncClient
from pipelines.client.blocking import Client
from pipelines.client.outcome import Refused, Unreachable

NOT_NEEDED = "fastapi starlette pydantic torch transformers mlflow prefect pandas numpy onnxruntime sqlalchemy"


class Awaited:
    """An AsyncClient with the interface of a Client."""

    def __init__(self, *args, **more):
        self.args, self.more = args, more

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def __getattr__(self, name):
        async def ask(*args, **more):
            async with AsyncClient(*self.args, **self.more) as client:
                return await getattr(client, name)(*args, **more)

        return lambda *args, **more: asyncio.run(ask(*args, **more))


@pytest.fixture(params=[Client, Awaited], ids=["sync", "async"])
def client(request, monkeypatch):
    """Makes a client that waits a tenth of the usual time between attempts."""
    monkeypatch.setattr(outcome, "FIRST_SECONDS", 0.02)
    return request.param


@pytest.fixture
def url(service):
    return str(service.http.base_url)


def test_texts_are_labelled_in_their_order(client, url):
    with client(url) as asked:
        found = asked.predict("sentiment", ["bad", "good"], customer="c-1042")
    assert (found.model, found.version) == ("sentiment", 3)
    assert [one.label for one in found.predictions] == ["negative", "positive"]
    assert found.predictions[0].score == found.predictions[0].scores["negative"]
    assert not found.predictions[0].abstained
    assert found.predictions[0].why == ()


def test_a_single_text_needs_no_list(client, url):
    with client(url) as asked:
        assert [one.label for one in asked.predict("sentiment", "bad good bad").predictions] == ["negative"]


def test_on_request_the_words_that_mattered_come_along(client, url):
    with client(url) as asked:
        (found,) = asked.predict("sentiment", "bad flight", explain=True).predictions
    assert found.why[0].word == "bad"
    assert found.why[0].weight > 0.3


def test_feedback_is_kept_with_all_that_was_said(client, url, service):
    with client(url) as asked:
        (found,) = asked.predict("sentiment", "so so what").predictions
        before = service.store.count_feedback("sentiment")
        receipt = asked.feedback(found.id, label="negative", correct=False, rating=1, comment="not so")
    assert receipt.model == "sentiment"
    assert service.store.count_feedback("sentiment") == before + 1


def test_the_models_are_listed(client, url):
    with client(url) as asked:
        (model,) = asked.models()
    assert (model.model, model.version, model.labels) == ("sentiment", 3, ("negative", "neutral", "positive"))
    assert model.paused == ""


def test_a_key_is_sent_as_a_bearer(client, door):
    with client(door.url, key="s3cret") as asked:
        asked.predict("sentiment", "bad")
    assert door.passed[0][1]["Authorization"] == "Bearer s3cret"


@pytest.mark.parametrize(("given", "sent"), [(None, "Bearer fr0m-outside"), ("mine", "Bearer mine"), ("", None)])
def test_a_key_that_is_not_given_is_that_of_the_environment(client, door, monkeypatch, given, sent):
    monkeypatch.setenv("NEEDLOOP_API_KEY", "fr0m-outside")
    with client(door.url, key=given) as asked:
        asked.predict("sentiment", "bad")
    assert door.passed[0][1].get("Authorization") == sent


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_asked_again(client, door, status):
    door.told = [
        (status, {}),
        (status, {"Retry-After": "0"}),
        (status, {"Retry-After": "Mon, 01 Jan 2024 00:00:00 GMT"}),
    ]
    with client(door.url) as asked:
        assert asked.predict("sentiment", "bad").predictions[0].label == "negative"
    assert len(door.passed) == 1


def test_it_waits_as_long_as_the_service_asks_for(client, door):
    door.told = [(429, {"Retry-After": "1"})]
    begun = time.monotonic()
    with client(door.url) as asked:
        asked.predict("sentiment", "bad")
    assert time.monotonic() - begun >= 1


def test_it_does_not_wait_for_an_hour(client, door):
    door.told = [(429, {"Retry-After": "3600"})]
    begun = time.monotonic()
    with client(door.url) as asked, pytest.raises(Refused, match="429: busy"):
        asked.predict("sentiment", "bad")
    assert time.monotonic() - begun < 60
    assert door.passed == []


def test_it_gives_up_after_its_attempts(client, door):
    door.told = [(503, {})] * 9
    with client(door.url, attempts=3) as asked, pytest.raises(Refused) as refused:
        asked.predict("sentiment", "bad")
    assert (refused.value.status, refused.value.detail) == (503, "busy")
    assert len(door.told) == 6


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500])
def test_a_refusal_that_waiting_would_not_change_is_told_at_once(client, door, status):
    door.told = [(status, {})]
    with client(door.url) as asked, pytest.raises(Refused, match=f"answered {status}: busy") as refused:
        asked.predict("sentiment", "bad")
    assert door.passed == []
    assert ("NEEDLOOP_API_KEY" in str(refused.value)) is (status in (401, 403))


def test_feedback_whose_answer_was_lost_is_sent_again_and_kept_once(client, door, service):
    with client(door.url) as asked:
        (found,) = asked.predict("sentiment", "so what").predictions
        before = service.store.count_feedback("sentiment")
        door.told = ["lost", (503, {}), "lost"]
        asked.feedback(found.id, label="negative")
    assert len({headers["Idempotency-Key"] for path, headers in door.passed if path == "/v1/feedback"}) == 1
    assert len(door.passed) == 4
    assert service.store.count_feedback("sentiment") == before + 1


def test_two_words_of_feedback_have_keys_of_their_own(client, door, service):
    key = uuid4().hex
    with client(door.url) as asked:
        (found,) = asked.predict("sentiment", "so what").predictions
        first, second = (asked.feedback(found.id, rating=rating) for rating in (1, 2))
        again = asked.feedback(found.id, rating=2, key=key), asked.feedback(found.id, rating=2, key=key)
    assert first.id != second.id
    assert again[0] == again[1]


def test_a_service_that_is_not_there_is_named_with_how_to_start_one(client):
    begun = time.monotonic()
    with client("http://127.0.0.1:9") as asked, pytest.raises(Unreachable, match="needloop serve"):
        asked.predict("sentiment", "bad")
    assert time.monotonic() - begun < 3


def test_what_the_service_says_is_wrong_comes_with_its_place(client, url):
    with client(url) as asked, pytest.raises(Refused, match=r"422: body\.texts\.1: is empty"):
        asked.predict("sentiment", ["bad", ""])
    with (
        client(url) as asked,
        pytest.raises(Refused, match="404: no such model; choose from intent, sentiment"),
    ):
        asked.predict("sentimental", "bad")


def test_a_restart_of_the_service_costs_no_answer(tmp_path, start, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    with start(tmp_path) as service:
        address = service.http.base_url
        with Client(str(address)) as asked, ThreadPoolExecutor(1) as thread:
            assert asked.predict("sentiment", "bad").version == 1
            service.process.kill()
            service.process.wait()
            answer = thread.submit(asked.predict, "sentiment", "bad")
            with start(tmp_path, "--port", str(address.port)):
                assert answer.result().version == 1


def test_both_clients_take_the_same():
    for name in ("__init__", "predict", "feedback", "models"):
        assert inspect.signature(getattr(Client, name)) == inspect.signature(getattr(AsyncClient, name))


def test_a_client_brings_nothing_of_what_the_service_needs():
    script = f"""
import sys, pipelines.client.blocking, pipelines.client.asynchronous
print([name for name in "{NOT_NEEDED}".split() if name in sys.modules])"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
