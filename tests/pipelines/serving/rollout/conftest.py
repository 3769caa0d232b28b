"""A champion, version 1 of `sentiment`, and challengers beside it."""

import pytest

from pipelines.ledger.ledger import Ledger
from pipelines.promotion.rollout import RolloutPlan, start_rollout
from tests.pipelines.serving.conftest import WORDS, promote, write_package

FAILS = {"words": {**WORDS, "bad": 99}}
NO_NUMBERS = {"temperature": 0.0}
OTHERWISE = {"labels": ("positive", "neutral", "negative")}  # good for bad and bad for good
CANARY, SHADOW = RolloutPlan("canary", "to see", share=0.5, hours=1), RolloutPlan("shadow", "to see")


def challenge(home, terms, version=2, **package):
    """Start a rollout of a version that was promoted and later replaced."""
    folder = write_package(home / "packages" / str(version), **package)
    ledger = Ledger(home / "ledger.jsonl")
    promote(home, version, folder)
    promote(home, 1, home / "packages" / "1", event="rollback")
    return start_rollout(ledger, "sentiment", version, terms, home / "cache" / "packages")


@pytest.fixture
def home(tmp_path):
    promote(tmp_path, 1, write_package(tmp_path / "packages" / "1"))
    return tmp_path


def events(home):
    return [entry.event.tag for entry in Ledger(home / "ledger.jsonl").entries()]


def trial(service):
    """The rollout in the answer of `GET /v1/models`."""
    return service.http.get("/v1/models").json()["models"][0].get("trial")


def versions(service, text="bad", customers=40, times=1):
    """The versions that answered each customer, over so many requests."""
    found = {}
    for number in list(range(customers)) * times:
        answer = service.predict(text, customer=f"c-{number}")
        assert answer.status_code == 200
        found.setdefault(number, set()).add(answer.json()["version"])
    return found
