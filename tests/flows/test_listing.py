"""`needloop models`: champions, pauses and rollouts, in a terminal of 80 columns."""

import json

import pytest
from typer.testing import CliRunner

from flows.commands.app import app
from pipelines.ledger.ledger import Ledger
from tests.pipelines.ledger.made import event

PROMOTION = event("promote", "intent", 2, reasons=("macro-F1 0.636 reaches the floor 0.500",))


@pytest.fixture
def ledger(settings, monkeypatch):
    """A ledger with a champion of `intent`."""
    monkeypatch.setenv("COLUMNS", "80")
    found = Ledger(settings.files.ledger)
    found.append(PROMOTION)
    return found


def output_of(*words):
    done = CliRunner().invoke(app, ["models", *words])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def row():
    (found,) = [one for one in json.loads(output_of("--json")) if one["model"] == "intent"]
    return found


def test_a_paused_model_is_listed_with_reason_answer_and_moment(ledger, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")  # so that no sentence is broken in two
    assert row()["paused"] is None
    assert "paused since" not in output_of()
    pause = ledger.append(event("pause", "intent", 2, reasons=("it insults [people]",), answer="delay"))
    assert row()["paused"] == {"reason": "it insults [people]", "since": pause.time, "answer": "delay"}
    told = output_of()
    for part in ("paused since", pause.time[11:19], "answers delay: it insults [people]"):
        assert part in told
    ledger.append(event("pause", "intent", 2, reasons=("first",)))
    assert "abstains: first" in output_of()
    ledger.append(event("resume", "intent", 2, reasons=("mended",)))
    assert row()["paused"] is None
    assert "paused since" not in output_of()


def test_who_is_paused_and_on_trial_is_listed_as_both(ledger):
    ledger.append(event("shadow", "intent", 1, reasons=("to see",)))
    ledger.append(event("pause", "intent", 2, reasons=("first",)))
    assert (row()["trial"]["version"], row()["paused"]["reason"]) == (1, "first")
    told = output_of()
    assert "shadow 1" in told
    assert "paused since" in told


def test_the_moment_of_a_champion_is_not_cut(ledger):
    date, clock = ledger.entries()[0].time[:19].split("T")
    told = output_of()
    assert date in told
    assert clock in told
    assert "…" not in told
