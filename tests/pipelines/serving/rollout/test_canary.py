"""A canary in a real process: the challenger answers some customers, and every customer gets an answer."""

import shutil

import pytest

from pipelines.ledger.ledger import Ledger
from pipelines.promotion.pausing import pause, resume
from pipelines.promotion.rollout import withdraw_rollout
from tests.pipelines.serving.rollout.conftest import CANARY, FAILS, NO_NUMBERS, challenge, events, trial, versions


def test_the_same_customers_are_answered_by_the_challenger_and_told_so(home, start, until):
    challenge(home, CANARY)
    with start(home) as service:
        found = versions(service, times=3)
        assert all(len(one) == 1 for one in found.values())
        by = [version for (version,) in found.values()]
        assert 10 < by.count(2) < 30
        assert {service.predict("bad").json()["version"] for _ in range(20)} == {1}, "nobody knows who these were"

        customer = f"c-{by.index(2)}"
        answer = service.predict("bad", customer=customer, explain=True).json()
        assert (answer["version"], answer["predictions"][0]["why"][0]["word"]) == (2, "bad")
        kept = service.store.prediction(answer["predictions"][0]["id"])
        assert (kept.version, kept.label) == (2, "negative")
        said = {"prediction": kept.id, "correct": False}
        assert service.http.post("/v1/feedback", json=said).status_code == 201

        until(lambda: trial(service)["guards"][2]["challenger"]["successes"] == 1)
        told = trial(service)
        assert (told["mode"], told["version"], told["share"], told["verdict"]) == ("canary", 2, 0.5, "running")
        assert told["guards"][0]["champion"]["trials"] == 3 * by.count(1)
        assert (
            'needloop_canary_total{model="sentiment",outcome="answered",version="2"}'
            in service.http.get("/metrics").text
        )


@pytest.mark.parametrize("package", [FAILS, NO_NUMBERS], ids=["it raises", "its scores are no numbers"])
def test_a_challenger_that_fails_is_replaced_for_the_request_and_aborted_for_good(home, start, until, package):
    challenge(home, CANARY, **package)
    with start(home) as service:
        assert set.union(*versions(service).values()) == {1}
        until(lambda: events(home)[-1] == "abort")
        entry = Ledger(home / "ledger.jsonl").entries()[-1]
        assert entry.by.startswith("service@")
        assert entry.reasons[0].startswith("errors: ")
        assert trial(service) is None
        assert "bad" not in next(line for line in service.log.read_text().splitlines() if "the canary of" in line)


def test_a_pause_wins_over_a_canary(home, start, until):
    challenge(home, CANARY)
    ledger = Ledger(home / "ledger.jsonl")
    with start(home) as service:
        assert set.union(*versions(service, customers=20).values()) == {1, 2}
        pause(ledger, "sentiment", "it insults people", "", home / "cache")
        until(lambda: service.first("bad", customer="c-1")["abstained"])
        assert set.union(*versions(service, customers=20).values()) == {1}
        resume(ledger, "sentiment", "mended")
        until(lambda: not service.first("bad", customer="c-1")["abstained"])
        assert set.union(*versions(service, customers=20).values()) == {1, 2}


@pytest.mark.parametrize("how", ["withdraw", "promotion"])
def test_a_canary_ends_when_a_person_says_so_or_another_champion_comes(home, start, until, promote, write_package, how):
    challenge(home, CANARY)
    with start(home) as service:
        assert 2 in set.union(*versions(service).values())
        if how == "withdraw":
            withdraw_rollout(Ledger(home / "ledger.jsonl"), "sentiment", "seen enough")
        else:
            promote(home, 3, write_package(home / "packages" / "3"))
        until(lambda: trial(service) is None)
        until(lambda: service.predict("bad").json()["version"] == (1 if how == "withdraw" else 3))
        assert set.union(*versions(service).values()) == {1 if how == "withdraw" else 3}


def test_a_challenger_that_cannot_be_loaded_answers_nobody_and_is_aborted(home, start, until):
    with start(home) as service:
        challenge(home, CANARY)
        until(lambda: trial(service))
        withdraw_rollout(Ledger(home / "ledger.jsonl"), "sentiment", "once more")
        until(lambda: trial(service) is None)
        challenge(home, CANARY, version=4)
        shutil.rmtree(home / "packages" / "4")
    with start(home) as service:
        until(lambda: events(home)[-1] == "abort")
        assert set.union(*versions(service).values()) == {1}
        ready = service.http.get("/readyz")
        assert ready.status_code == 200
        assert "the canary of version 4 could not be loaded" in ready.json()["problems"]["sentiment"]
        assert "missing" in Ledger(home / "ledger.jsonl").entries()[-1].reasons[0]
        challenge(home, CANARY, version=5)
        until(lambda: trial(service))
        assert service.http.get("/readyz").json()["problems"] == {}


def test_what_was_seen_survives_a_restart(home, start, until):
    challenge(home, CANARY)
    with start(home) as service:
        versions(service)
        until(lambda: sum(trial(service)["guards"][0][who]["trials"] for who in ("champion", "challenger")) == 40)
        seen = trial(service)["guards"][0]
    with start(home) as service:
        until(lambda: trial(service))
        assert trial(service)["guards"][0] == seen
