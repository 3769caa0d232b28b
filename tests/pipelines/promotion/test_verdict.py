"""One word for the outcome of a version, the same in flow, ledger, console and scripts."""

import json
from types import SimpleNamespace

import pytest

from pipelines.ledger.events import Hold, Promotion, Refusal
from pipelines.promotion.decision import Decision
from pipelines.promotion.decision_event import ruling, subject
from pipelines.promotion.verdict import Verdict, gate_refused, held_or_refused, verdict
from tests.pipelines.ledger.made import event

VERSION = SimpleNamespace(name="mood", version=2, location="p", digest="d", snapshot="s", feedback=7)


@pytest.mark.parametrize(
    ("passed", "override", "hold", "word", "kind", "forced"),
    [
        (True, "", False, "promoted", Promotion, ""),
        (True, "a campaign", False, "promoted", Promotion, ""),
        (True, "", True, "held", Hold, ""),
        (False, "", False, "refused", Refusal, ""),
        (False, "", True, "refused", Refusal, ""),
        (False, "a campaign", False, "promoted", Promotion, "a campaign"),
    ],
)
def test_flow_and_ledger_say_the_same_of_a_decision(passed, override, hold, word, kind, forced):
    said = ruling(Decision(passed, ("why",)), subject(VERSION, "g"), 1, {"card": "c"}, override, hold)
    assert (type(said), said.reasons, said.champion, said.evidence) == (kind, ("why",), 1, {"card": "c"})
    assert getattr(said, "override", "") == forced
    assert (said.subject.gate, said.subject.feedback) == ("g", 7)
    assert verdict(passed, override, hold) == word
    assert word == "promoted" or held_or_refused(said) == word
    assert gate_refused(said) is not passed


@pytest.mark.parametrize("tag", ["promote", "rollback", "refuse"])
def test_who_was_left_is_not_champion_because_it_once_was(tag):
    assert held_or_refused(event(tag, "mood", 1)) is Verdict.REFUSED


def test_who_came_back_had_passed_the_gate():
    assert not gate_refused(event("rollback", "mood", 1))


def test_a_verdict_is_printed_and_written_as_its_word():
    assert (f"{Verdict.HELD}", json.dumps(Verdict.SKIPPED), Verdict.REFUSED.capitalize()) == (
        "held",
        '"skipped"',
        "Refused",
    )
