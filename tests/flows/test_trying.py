"""Shadow and canary: start, watch and end them by command; the audit agrees afterwards."""

import json

import pytest
from typer.testing import CliRunner

from flows.commands.app import app
from pipelines.ledger.ledger import Ledger
from pipelines.promotion.audit import find_differences
from pipelines.promotion.rollout_status import in_canary
from pipelines.promotion.version_cleanup import plan_cleanup
from pipelines.store.feedback_rows import Feedback
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def three(decided):
    """Version 3 is the champion, 1 was champion before, 2 was refused."""
    return decided("promote", "refuse", "promote")


def output_of(*words, status=0):
    """The output of a command."""
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == status, (done.output, done.exception)
    return done.stdout if status == 0 else f"{done.output} {done.exception}"


def listed():
    (row,) = [row for row in json.loads(output_of("models", "--json")) if row["model"] == "topics"]
    return row


def agreed(settings):
    ledger = Ledger(settings.files.ledger)
    return find_differences(ledger, settings.workspace.registry, settings.home / "cache", {"topics": 3}) == []


def test_a_shadow_is_begun_listed_with_its_agreement_and_withdrawn(three):
    assert listed()["trial"] is None
    told = json.loads(output_of("shadow", "topics", "--version", "2", "--reason", "to see", "--json"))
    assert (told["event"], told["version"], told["champion"], told["reason"]) == ("shadow", 2, 3, "to see")
    trial = Ledger(three.files.ledger).entries()[-1]
    Store(three.database).add_rollout_counts(
        trial.hash(), {("agreement", "delay"): (10, 9), ("copies", "dropped"): (4, 4)}
    )
    assert (listed()["trial"]["agreement"], listed()["trial"]["dropped"]) == (0.9, 4)
    table = " ".join(output_of("models").split())
    assert "shadow 2" in table
    assert agreed(three)
    assert "version 2 is withdrawn, 3 answers all" in output_of("withdraw", "topics")
    assert listed()["trial"] is None
    assert agreed(three)
    assert "has no running rollout" in output_of("withdraw", "topics", status=1)


def test_a_canary_is_listed_with_what_its_guards_saw(three):
    assert "answers 20.0% of the customers beside 3" in output_of(
        "canary", "topics", "--version", "1", "--share", "0.2"
    )
    trial, store = Ledger(three.files.ledger).entries()[-1], Store(three.database)
    store.add_rollout_counts(trial.hash(), {("errors", "challenger"): (9, 1), ("errors", "champion"): (40, 0)})
    customer = next(one for one in (f"{number:064x}" for number in range(99)) if in_canary(one, trial))
    given = Prediction("topics", 1, "k", "t", "delay", 0.9, {"delay": 0.9}, customer=customer)
    store.record([given])
    store.add(Feedback(given.id, rating=1))

    found = listed()["trial"]
    assert (found["way"], found["version"], found["verdict"], found["share"]) == ("canary", 1, "running", 0.2)
    errors, _, satisfaction = found["guards"]
    assert (errors["challenger"], errors["champion"]) == ({"tries": 9, "hits": 1}, {"tries": 40, "hits": 0})
    assert satisfaction["challenger"] == {"tries": 1, "hits": 1}
    assert "canary 1" in output_of("models")
    assert agreed(three)


def test_what_the_gate_refused_is_a_canary_only_with_a_reason_which_the_ledger_keeps_masked(three):
    refused = output_of("canary", "topics", "--version", "2", status=1)
    assert (
        "the gate refused version 2 (told so): to start the canary anyway, give the reason with --override" in refused
    )
    output_of("canary", "topics", "--version", "2", "--override", "jane.roe@somewhere.org wants it")
    entry = Ledger(three.files.ledger).entries()[-1]
    assert (entry.event.tag, entry.event.override) == ("canary", "<EMAIL> wants it")


def test_a_share_over_a_half_no_time_and_a_blank_reason_are_wrong_usage(settings):
    for words in (("--share", "0.9"), ("--share", "0"), ("--hours", "0"), ("--reason", " ")):
        output_of("canary", "topics", "--version", "1", *words, status=2)


def test_who_is_on_trial_is_not_pruned(three):
    output_of("shadow", "topics", "--version", "2")
    assert plan_cleanup("topics", 0, three.workspace).pruned == ()
    output_of("withdraw", "topics")
    assert plan_cleanup("topics", 0, three.workspace).pruned == (2,)
