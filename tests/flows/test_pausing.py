"""The kill switch as people throw it: by command, beside a service that runs, with an audit that goes on agreeing."""

import json

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.services import api
from flows.training import train
from pipelines.client.blocking import Client
from pipelines.ledger import Entry, Ledger

pytestmark = pytest.mark.timeout(300)
TEXT = "my bag is lost"


@pytest.fixture
def judged(declared, settings, prefect_url):
    """A home with one champion."""
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        train("topics")
    return settings


def test_one_command_silences_a_served_model_and_one_lets_it_answer_again(judged, needloop):
    with api(judged) as url, Client(url) as client:
        (before,) = client.predict("topics", TEXT).predictions

        told = needloop("pause", "topics", "--reason", "it insults people", "--json")
        assert json.loads(told.stdout)["reason"] == "it insults people"
        (silent,) = client.predict("topics", TEXT).predictions
        assert (silent.label, silent.abstained) == ("", True)
        (model,) = client.models()
        assert model.paused == "it insults people"
        needloop("audit", "--url", url)
        assert "(abstains)" in needloop("predict", "topics", TEXT, "--url", url).stdout

        assert "answers delay to every text" in needloop("pause", "topics", "--answer", "delay").stdout
        (fixed,) = client.predict("topics", TEXT).predictions
        assert (fixed.label, fixed.abstained) == ("delay", False)

        needloop("resume", "topics", "--reason", "mended")
        (after,) = client.predict("topics", TEXT).predictions
        assert (after.label, after.score) == (before.label, before.score)
        needloop("audit", "--url", url)
        explained = needloop("predict", "topics", TEXT, "--explain", "--url", url, "--json")
        assert {one["word"] for one in json.loads(explained.stdout)["predictions"][0]["why"]} <= set(TEXT.split())
    said = [(entry.event, entry.reasons, entry.answer) for entry in Ledger(judged.ledger).entries()[-3:]]
    assert said == [
        ("pause", ("it insults people",), ""),
        ("pause", ("it insults people",), "delay"),
        ("resume", ("mended",), ""),
    ]
    listed = json.loads(needloop("models", "--json").stdout)
    assert listed[-1]["decision"].startswith("promote 1")


def test_what_cannot_be_paused_is_named(judged, needloop):
    assert "models that have one: topics" in needloop("pause", "topic", status=1).stderr
    assert "choose from baggage, delay, praise" in needloop("pause", "topics", "--answer", "sorry", status=1).stderr
    assert "is not paused" in needloop("resume", "topics", status=1).stderr


def test_the_switch_works_where_mlflow_is_of_no_help(settings, needloop):
    Ledger(settings.ledger).append(Entry("promote", "stray", 1, "", "", "", "", (), None))
    done = needloop("pause", "stray")
    assert "stray abstains for every text" in done.stdout
    assert "MLflow was not told" in done.stderr
    assert Ledger(settings.ledger).entries()[-1].event == "pause"
