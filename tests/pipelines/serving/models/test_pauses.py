"""The pause of a model takes effect in a real process within two seconds, without a restart."""

import time
from threading import Event

import pytest

from pipelines.ledger.ledger import Ledger
from pipelines.promotion.pausing import pause, resume
from pipelines.serving.models.champions import Champions
from pipelines.serving.models.ledger_reader import Pauses
from pipelines.serving.models.polling import Poller
from pipelines.serving.models.served import PromotedVersions
from pipelines.serving.telemetry.metrics import Metrics

SECONDS = 20


@pytest.fixture
def home(tmp_path, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "package"))
    return tmp_path


@pytest.fixture
def switch(home):
    """Pause or resume `sentiment`."""
    ledger = Ledger(home / "ledger.jsonl")

    def switch(on, answer="", reason="it insults people"):
        if on:
            return pause(ledger, "sentiment", reason, answer, home / "cache")
        return resume(ledger, "sentiment", reason)

    return switch


def test_a_paused_model_abstains_for_every_text_and_a_resumed_one_answers(home, start, switch, until):
    with start(home) as service:
        assert not service.first("bad")["abstained"]
        switch(True)
        until(lambda: service.first("bad")["abstained"], seconds=SECONDS)
        for one in service.predict("bad", "good", "so " * 100).json()["predictions"]:
            assert (one["label"], one["score"], one["scores"], one["abstained"]) == ("", 0, {}, True)
        switch(False)
        until(lambda: service.first("bad")["label"] == "negative", seconds=SECONDS)


def test_a_paused_model_gives_the_fixed_label_where_one_is_named(home, start, switch, until):
    with start(home) as service:
        switch(True, answer="neutral")
        until(lambda: service.first("bad")["label"] == "neutral", seconds=SECONDS)
        answered = service.first("bad", explain=True)
        assert (answered["score"], answered["abstained"], answered["why"]) == (1, False, [])


def test_a_new_champion_of_a_paused_model_is_paused_too(home, start, switch, promote, write_package, until):
    with start(home) as service:
        switch(True)
        until(lambda: service.first("bad")["abstained"], seconds=SECONDS)
        promote(home, 2, write_package(home / "second"))
        until(lambda: service.predict("bad").json()["version"] == 2)
        assert service.first("bad")["abstained"]


def test_a_service_that_starts_while_a_model_is_paused_never_lets_it_answer(home, start, switch):
    switch(True)
    with start(home) as service:
        assert service.first("bad")["abstained"]


def test_a_pause_does_not_wait_for_a_champion_that_is_being_loaded(home, switch, monkeypatch, until):
    go, ledger = Event(), Ledger(home / "ledger.jsonl")
    pauses = Pauses(ledger)
    champions = Champions(PromotedVersions(ledger, {}), home, Metrics(), load_package=lambda *_: go.wait(20))
    watches = Poller(pauses), Poller(champions)
    monkeypatch.setattr("pipelines.serving.models.polling.FIRST_REFRESH_SECONDS", 0.1)
    for watch in watches:
        watch.start()
    switch(True)
    until(lambda: "sentiment" in pauses.entries, seconds=SECONDS)
    go.set()
    for watch in watches:
        watch.stop()


def test_a_ledger_that_lost_its_pause_ends_none(home, start, switch, until):
    switch(True)
    ledger = home / "ledger.jsonl"
    with start(home) as service:
        whole = ledger.read_text()
        ledger.write_text(whole.splitlines(keepends=True)[0])
        until(lambda: service.http.get("/readyz").json()["problems"])
        assert service.first("bad")["abstained"]
        ledger.write_text(whole)
        switch(False)
        until(lambda: not service.first("bad")["abstained"], seconds=SECONDS)


def test_who_asks_which_models_there_are_is_told_who_is_paused_and_why(home, start, switch):
    entry = switch(True, answer="neutral")
    with start(home) as service:
        (model,) = service.http.get("/v1/models").json()["models"]
        assert model["paused"] == {"reason": "it insults people", "since": entry.time, "answer": "neutral"}
        assert service.http.get("/readyz").status_code == 200


def test_answers_of_a_paused_model_are_kept_and_people_can_label_them(home, start, switch):
    switch(True)
    with start(home) as service:
        answered = service.first("so write to jane.roe@somewhere.org")
        kept = service.store.prediction(answered["id"])
        assert (kept.text, kept.label, kept.abstained) == ("so write to <EMAIL>", "", True)

        def say(**said):
            return service.http.post("/v1/feedback", json={"prediction": answered["id"], **said})

        refused = say(correct=True)
        assert refused.status_code == 422
        assert "negative, neutral, positive" in refused.json()["detail"][0]["msg"]
        assert say(correct=False).status_code == 201
        assert say(label="negative").status_code == 201


def test_a_pause_under_load_fails_no_request(home, start, switch):
    with start(home) as service:
        begun, seen = time.monotonic(), []
        while time.monotonic() < begun + 4:
            answer = service.predict("bad")
            assert answer.status_code == 200
            seen.append(answer.json()["predictions"][0]["abstained"])
            if len(seen) == 20:
                switch(True)
        assert seen == sorted(seen)
        assert seen[-1]
