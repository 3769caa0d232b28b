"""Pausing by command, beside a running service; the audit agrees afterwards."""

import json

import pytest

from flows.processes.services import api
from pipelines.client.blocking import Client
from pipelines.ledger.ledger import Ledger
from tests.pipelines.ledger.made import event
from tests.pipelines.serving.conftest import until

pytestmark = pytest.mark.timeout(300)
TEXT = "my bag is lost"


def answer_of(client):
    """Label, score and abstention of the model's answer."""
    (answer,) = client.predict("topics", TEXT).predictions
    return answer.label, answer.score, answer.abstained


def test_one_command_silences_a_served_model_and_one_lets_it_answer_again(trained, needloop):
    with api(trained) as url, Client(url) as client:
        before = answer_of(client)

        told = needloop("pause", "topics", "--reason", "it insults people", "--json")
        assert json.loads(told.stdout)["reason"] == "it insults people"
        # A service reads the ledger twice a second.
        until(lambda: answer_of(client) == ("", 0.0, True))
        (model,) = client.models()
        assert model.paused == "it insults people"
        needloop("audit", "--url", url)
        assert "(abstains)" in needloop("predict", "topics", TEXT, "--url", url).stdout

        assert "answers delay to every text" in needloop("pause", "topics", "--answer", "delay").stdout
        until(lambda: answer_of(client) == ("delay", 1.0, False))

        needloop("resume", "topics", "--reason", "mended")
        until(lambda: answer_of(client) == before)
        needloop("audit", "--url", url)
        explained = needloop("predict", "topics", TEXT, "--explain", "--url", url, "--json")
        assert {one["word"] for one in json.loads(explained.stdout)["predictions"][0]["why"]} <= set(TEXT.split())
    said = [
        (entry.event.tag, entry.reasons, getattr(entry.event, "answer", ""))
        for entry in Ledger(trained.files.ledger).entries()[-3:]
    ]
    assert said == [
        ("pause", ("it insults people",), ""),
        ("pause", ("it insults people",), "delay"),
        ("resume", ("mended",), ""),
    ]
    listed = json.loads(needloop("models", "--json").stdout)
    assert listed[-1]["decision"].startswith("promote 1")


def test_what_cannot_be_paused_is_named(trained, needloop):
    assert "models that have one: topics" in needloop("pause", "topic", status=1).stderr
    assert "choose from baggage, delay, praise" in needloop("pause", "topics", "--answer", "sorry", status=1).stderr
    assert "is not paused" in needloop("resume", "topics", status=1).stderr


def test_the_switch_works_where_mlflow_is_of_no_help(settings, needloop):
    Ledger(settings.files.ledger).append(event("promote", "stray", 1))
    done = needloop("pause", "stray")
    assert "stray abstains for every text" in done.stdout
    assert "MLflow was not updated" in done.stderr
    assert Ledger(settings.files.ledger).entries()[-1].event.tag == "pause"
