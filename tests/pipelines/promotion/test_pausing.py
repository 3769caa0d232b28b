"""Pausing: the models that may be paused, the entry in the ledger, and the state after many entries."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.inference.artefact import package_digest
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.queries import current_champions, decisions, pruning_entries
from pipelines.promotion.pausing import NoSuchLabel, NothingToPause, active_pauses, pause, resume
from pipelines.promotion.rollback import rollback_target
from tests.pipelines.ledger.made import entry, event

ONE = {"kind": "classification", "labels": ["bad", "good"]}
SEVERAL = {"kind": "multilabel", "labels": ["bad", "good"], "separator": ";"}


@pytest.fixture
def card():
    """The `package.json` of every package."""
    return ONE


@pytest.fixture
def ledger(tmp_path, card):
    """A ledger whose champion of `mood` is version 2, with the labels `bad` and `good`."""
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps(card))
    found = Ledger(tmp_path / "ledger.jsonl")
    for version in (1, 2):
        package = {"location": str(folder), "digest": package_digest(folder)}
        found.append(event("promote", "mood", version, evidence={"/card.json": "e" * 64}, **package))
    return found


def test_a_pause_is_a_signed_entry_that_crowns_and_decides_nothing(ledger, tmp_path):
    before = ledger.champions(), decisions(ledger.entries())
    written = pause(ledger, "mood", "it insults people", "", tmp_path)
    assert (written.event.tag, written.version, written.reasons) == ("pause", 2, ("it insults people",))
    assert "@" in written.by
    assert ledger.entries()[-1] == written
    assert (ledger.champions(), decisions(ledger.entries())) == before
    assert ledger.last_decision("mood", 2).event.tag == "promote"
    assert rollback_target(ledger.entries(), "mood", None).version == 1
    assert pruning_entries(ledger.entries(), "mood") == {}


def test_the_evidence_of_the_promotion_stays_with_the_promotion(ledger, tmp_path):
    assert pause(ledger, "mood", "", "", tmp_path).files == {}


def test_a_fixed_answer_is_kept_and_must_be_a_label(ledger, tmp_path):
    assert pause(ledger, "mood", "", "good", tmp_path).event.answer == "good"
    assert active_pauses(ledger.entries())["mood"].event.answer == "good"
    with pytest.raises(NoSuchLabel, match="choose from bad, good"):
        pause(ledger, "mood", "", "fine", tmp_path)


@pytest.mark.parametrize("card", [SEVERAL])
def test_a_fixed_answer_of_several_labels_is_kept_as_the_model_writes_it(ledger, tmp_path):
    assert pause(ledger, "mood", "", "good; bad", tmp_path).event.answer == "bad;good"


def test_a_second_pause_replaces_the_first(ledger, tmp_path):
    pause(ledger, "mood", "first", "good", tmp_path)
    pause(ledger, "mood", "second", "", tmp_path)
    last = active_pauses(ledger.entries())["mood"]
    assert (last.reasons, last.event.answer) == (("second",), "")


def test_a_second_pause_without_a_reason_keeps_the_first_one(ledger, tmp_path):
    pause(ledger, "mood", "it insults people", "", tmp_path)
    assert pause(ledger, "mood", "", "good", tmp_path).reasons == ("it insults people",)
    assert resume(ledger, "mood", "").reasons == ("no reason given",)
    assert pause(ledger, "mood", "", "", tmp_path).reasons == ("no reason given",)


def test_a_resumed_model_is_paused_no_more_and_cannot_be_resumed_twice(ledger, tmp_path):
    pause(ledger, "mood", "", "good", tmp_path)
    assert resume(ledger, "mood", "mended").reasons == ("mended",)
    assert active_pauses(ledger.entries()) == {}
    with pytest.raises(NothingToPause, match="is not paused"):
        resume(ledger, "mood", "again")


def test_a_model_without_a_champion_has_nothing_to_pause(ledger, tmp_path):
    with pytest.raises(NothingToPause, match="models that have one: mood"):
        pause(ledger, "moods", "", "", tmp_path)


def test_a_ledger_from_before_the_switch_is_read_as_it_was(ledger):
    assert '"answer"' not in ledger.path.read_text()
    assert set(current_champions(ledger.entries())) == {"mood"}


EVENTS = st.sampled_from(["promote", "refuse", "rollback", "prune", "pause", "resume"])


@given(st.lists(st.tuples(EVENTS, st.sampled_from(["mood", "intent"]))))
def test_a_model_is_paused_exactly_when_its_last_switch_was_a_pause(said):
    entries = [entry(tag, model, 1) for tag, model in said]
    switches = {model: tag for tag, model in said if tag in ("pause", "resume")}
    assert set(active_pauses(entries)) == {model for model, tag in switches.items() if tag == "pause"}
