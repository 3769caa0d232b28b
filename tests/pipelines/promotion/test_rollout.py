"""Rollouts: the versions that may start one, its entry in the ledger, and its end."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.inference.artefact import package_digest
from pipelines.ledger.entry import EVENT_CLASSES
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.queries import aborted_rollouts, active_rollouts, current_champions, decisions, is_rollout
from pipelines.promotion.preconditions import ChampionChanged
from pipelines.promotion.retention import protected_versions
from pipelines.promotion.rollout import (
    GateRefused,
    NoRollout,
    RolloutPlan,
    abort_rollout,
    start_rollout,
    withdraw_rollout,
)
from tests.pipelines.ledger.made import entry, event

EVIDENCE = {"/card.json": "e" * 64}
SHADOW, CANARY = RolloutPlan("shadow", "to see"), RolloutPlan("canary", "to see", share=0.2, hours=3)


def packaged(folder, labels):
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps({"kind": "classification", "labels": labels}))
    return {"location": str(folder), "digest": package_digest(folder)}


def judged_event(tag, version, **told):
    return event(tag, "mood", version, gate="g", evidence=EVIDENCE, **told)


@pytest.fixture
def ledger(tmp_path):
    """Of `mood`: 1 to 3 promoted, 4 refused, 5 with other labels, 6 promoted by override; 3 is champion."""
    fit, other = packaged(tmp_path / "fit", ["bad", "good"]), packaged(tmp_path / "other", ["bad", "worse"])
    found = Ledger(tmp_path / "ledger.jsonl")
    for version in (1, 2):
        found.append(judged_event("promote", version, **fit))
    found.append(judged_event("refuse", 4, reasons=("too bad",), **fit))
    found.append(judged_event("promote", 5, **other))
    found.append(judged_event("promote", 6, override="a campaign", **fit))
    found.append(judged_event("promote", 3, **fit))
    return found


@pytest.mark.parametrize("terms", [SHADOW, CANARY])
def test_a_trial_is_a_signed_entry_that_crowns_and_decides_nothing(ledger, tmp_path, terms):
    before = ledger.champions(), decisions(ledger.entries())
    written = start_rollout(ledger, "mood", 2, terms, tmp_path)
    assert (written.event.tag, written.version, written.champion) == (terms.mode, 2, 3)
    assert (written.reasons, written.files, written.event.subject.gate) == (("to see",), {}, "g")
    assert "@" in written.by
    assert active_rollouts(ledger.entries()) == {"mood": written}
    assert (ledger.champions(), decisions(ledger.entries())) == before


def test_entries_without_a_share_have_the_line_that_they_always_had(ledger, tmp_path):
    start_rollout(ledger, "mood", 2, SHADOW, tmp_path)
    said = ledger.path.read_text()
    assert '"share"' not in said
    assert '"hours"' not in said
    start_rollout(ledger, "mood", 2, CANARY, tmp_path)
    assert '"hours": 3, ' in ledger.path.read_text()
    last = ledger.entries()[-1].event
    assert (last.share, last.hours) == (0.2, 3)


def test_what_the_gate_refused_may_stand_in_the_shadow_and_answers_only_with_a_reason(ledger, tmp_path):
    start_rollout(ledger, "mood", 4, SHADOW, tmp_path)
    with pytest.raises(GateRefused, match="too bad"):
        start_rollout(ledger, "mood", 4, CANARY, tmp_path)
    forced = start_rollout(ledger, "mood", 4, replace(CANARY, override="a test with friends"), tmp_path)
    assert forced.event.override == "a test with friends"


def test_what_a_person_let_pass_against_the_gate_was_refused_too(ledger, tmp_path):
    with pytest.raises(GateRefused):
        start_rollout(ledger, "mood", 6, CANARY, tmp_path)


@pytest.mark.parametrize(
    ("model", "version", "why"),
    [
        ("moods", 1, "'moods' has no champion"),
        ("mood", 3, "cannot be rolled out beside 3; versions that can: 1, 2, 4, 5, 6"),
        ("mood", 9, "cannot be rolled out beside 3"),
        ("mood", 5, "version 5 answers bad, worse; the champion bad, good"),
    ],
    ids=["no champion", "the champion itself", "never judged", "other labels"],
)
def test_who_cannot_be_tried_is_told_why(ledger, tmp_path, model, version, why):
    with pytest.raises(NoRollout, match=why):
        start_rollout(ledger, model, version, SHADOW, tmp_path)


def test_a_pruned_version_cannot_be_tried_and_one_on_trial_is_not_pruned(ledger, tmp_path):
    assert 1 not in protected_versions([one for one in ledger.entries() if one.model == "mood"])
    start_rollout(ledger, "mood", 1, SHADOW, tmp_path)
    assert 1 in protected_versions(ledger.entries())
    ledger.append(event("prune", "mood", 1))
    assert active_rollouts(ledger.entries()) == {}
    with pytest.raises(NoRollout, match="cannot be rolled out"):
        start_rollout(ledger, "mood", 1, SHADOW, tmp_path)


def test_a_trial_is_ended_by_command_and_only_once(ledger, tmp_path):
    start_rollout(ledger, "mood", 2, CANARY, tmp_path)
    ended = withdraw_rollout(ledger, "mood", "seen enough")
    assert (ended.event.tag, ended.version, ended.reasons) == ("withdraw", 2, ("seen enough",))
    assert '"share"' not in ended.line()
    with pytest.raises(NoRollout, match="models that have one: none"):
        withdraw_rollout(ledger, "mood", "again")


def test_what_the_service_aborts_says_that_it_was_the_service_and_ends_nothing_else(ledger, tmp_path):
    first = start_rollout(ledger, "mood", 2, CANARY, tmp_path)
    written = abort_rollout(ledger, first, ["errors: too many"])
    assert (written.event.tag, written.reasons) == ("abort", ("errors: too many",))
    assert written.by.startswith("service@")
    assert abort_rollout(ledger, first, ["twice"]) is None
    second = start_rollout(ledger, "mood", 2, CANARY, tmp_path)
    assert abort_rollout(ledger, first, ["too late"]) is None
    assert active_rollouts(ledger.entries()) == {"mood": second}


class Overtaken(Ledger):
    """A ledger to which another process writes first."""

    def __init__(self, path, first):
        super().__init__(path)
        self.first = first

    def append(self, event, require=None, by=""):
        super().append(self.first)
        return super().append(event, require, by)


def test_an_end_that_comes_too_late_does_not_end_the_next_trial_of_the_version(ledger, tmp_path):
    first = start_rollout(ledger, "mood", 2, CANARY, tmp_path)
    late = Overtaken(ledger.path, replace(first.event, reasons=("once more",)))
    assert abort_rollout(late, first, ["errors: of the first"]) is None
    with pytest.raises(NoRollout, match="ended meanwhile"):
        withdraw_rollout(late, "mood", "seen enough")
    assert active_rollouts(ledger.entries())["mood"].reasons == ("once more",)


def test_no_trial_begins_of_what_was_judged_anew_meanwhile(ledger, tmp_path):
    refused = judged_event("refuse", 2, reasons=("worse",))
    with pytest.raises(NoRollout, match="evaluated again meanwhile"):
        start_rollout(Overtaken(ledger.path, refused), "mood", 2, CANARY, tmp_path)
    assert active_rollouts(ledger.entries()) == {}


def test_no_trial_begins_beside_another_champion_than_it_was_compared_with(ledger, tmp_path):
    promoted = judged_event("promote", 9)
    with pytest.raises(ChampionChanged, match="'mood' is 9 now"):
        start_rollout(Overtaken(ledger.path, promoted), "mood", 2, CANARY, tmp_path)
    assert active_rollouts(ledger.entries()) == {}


EVENTS = st.sampled_from(sorted(EVENT_CLASSES))


@given(st.lists(st.tuples(EVENTS, st.sampled_from(["mood", "intent"]), st.integers(1, 2)), max_size=30))
def test_at_most_the_last_trial_runs_and_a_new_champion_ends_it(said):
    entries = [entry(tag, model, version) for tag, model, version in said]
    for model, running in active_rollouts(entries).items():
        own = [entry for entry in entries if entry.model == model]
        began = max(place for place, entry in enumerate(own) if is_rollout(entry))
        assert own[began] == running
        assert not set(current_champions(own[began:]))
        after = {(entry.event.tag, entry.version) for entry in own[began:]}
        assert not after & {(tag, running.version) for tag in ("withdraw", "abort", "prune")}


def test_what_ended_by_itself_is_remembered_until_the_next_trial_or_champion(ledger, tmp_path):
    end = abort_rollout(ledger, start_rollout(ledger, "mood", 2, CANARY, tmp_path), ("errors: too many",))
    ledger.append(judged_event("refuse", 7))
    assert aborted_rollouts(ledger.entries()) == {"mood": end}
    start_rollout(ledger, "mood", 1, SHADOW, tmp_path)
    withdraw_rollout(ledger, "mood", "seen enough")
    assert aborted_rollouts(ledger.entries()) == {}
