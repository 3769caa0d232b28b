"""Promote a good version, force a bad one, roll back: the permitted decisions, and their entries in the ledger."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from expectations.prior import prior_file
from flows.commands.app import app
from flows.promotion import promote, rollback
from flows.training import train
from pipelines.catalog.catalog_file import load
from pipelines.ledger.ledger import Ledger
from pipelines.promotion.audit import find_differences
from pipelines.promotion.preconditions import ChampionChanged
from pipelines.promotion.rollback import NoRollbackTarget
from pipelines.promotion.rollout import RolloutPlan, start_rollout
from tests.flows.declarations import demanding, write_catalog
from tests.flows.homes import rewind

pytestmark = pytest.mark.timeout(300)


def command(*words, status=0):
    """The parsed output of a command with `--json`."""
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == status, done.output
    return json.loads(done.stdout)


def test_a_refused_version_is_promoted_only_with_a_reason_and_the_way_back_is_open(two, prefect_url, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", prefect_url)
    shares = prior_file(load(two.catalog_file)["topics"], two.home)
    (refused,) = command("promote", "topics", "--version", "2", status=3)
    assert refused["verdict"] == "refused"
    learnt = shares.read_bytes()
    shares.unlink()
    (forced,) = command("promote", "topics", "--version", "2", "--override", "the campaign starts today")
    ledger = Ledger(two.files.ledger)
    entry = ledger.champion("topics")
    assert (forced["verdict"], entry.version) == ("promoted", 2)
    assert entry.event.override == "the campaign starts today"
    assert any("under the floor" in reason for reason in entry.reasons)
    assert shares.read_bytes() == learnt, "who is promoted, by whomever, is what later snapshots are compared with"
    shares.unlink()
    assert command("rollback", "topics", "--reason", "customers complain")["champion"] == 1
    back = ledger.champion("topics")
    assert shares.read_bytes() == learnt
    assert (back.version, back.event.tag, back.champion) == (1, "rollback", 2)
    assert "customers complain" in back.reasons[0]
    assert two.workspace.registry.aliases("topics") == {"champion": 1, "previous": 2, "challenger": 1}
    assert find_differences(ledger, two.workspace.registry, two.home / "cache", {"topics": 1}) == []
    again = train("topics")
    assert (again.verdict, again.reused) == ("refused", True), "who was left is not champion because it once was"
    assert rollback("topics", to=2).version == 2


def test_what_is_held_is_judged_and_waits_to_be_tried_and_promoted(two, declared, prefect_url, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", prefect_url)
    write_catalog(demanding(declared).model_copy(update={"gate": declared.gate}), two)
    rewind(two, two.files.ledger.read_bytes().splitlines(keepends=True)[0])
    (held,) = command("train", "topics", "--hold")
    assert held["verdict"] == "held"
    assert "needloop canary topics --version 2" in held["reason"]
    ledger = Ledger(two.files.ledger)
    assert (ledger.champion("topics").version, ledger.entries()[-1].event.tag) == (1, "hold")
    assert two.workspace.registry.aliases("topics") == {"champion": 1, "challenger": 2}
    assert find_differences(ledger, two.workspace.registry, two.home / "cache", {"topics": 1}) == []
    assert train("topics").verdict == "held", "nothing is new"
    trial = start_rollout(ledger, "topics", 2, RolloutPlan("canary", "to see", share=0.1, hours=1), two.home / "cache")
    assert (trial.event.tag, trial.event.override) == ("canary", "")
    assert promote("topics", 2).verdict == "promoted"
    assert ledger.champion("topics").version == 2


def test_what_was_decided_before_another_became_champion_is_not_done(two):
    before = Path(two.files.ledger).read_bytes()
    for stale in (lambda: promote("topics", 2, "now", champion=0), lambda: rollback("topics", to=2, champion=7)):
        with pytest.raises(ChampionChanged, match="the champion of 'topics' is 1 now"):
            stale()
    assert Path(two.files.ledger).read_bytes() == before
    promote("topics", 2, "now", champion=1, by="anna")
    assert Ledger(two.files.ledger).champion("topics").by.startswith("anna, through ")


def test_there_is_no_way_back_to_what_never_was(two):
    with pytest.raises(NoRollbackTarget, match="champions other than 1 were none"):
        rollback("topics")
    with pytest.raises(NoRollbackTarget, match="version 2"):
        rollback("topics", to=2)


def test_a_way_back_that_does_not_answer_is_not_taken(two):
    promote("topics", 2, "an experiment")
    ledger = Ledger(two.files.ledger)
    good = next(entry for entry in ledger.entries() if entry.version == 1)
    shutil.rmtree(Path(good.package))
    before = ledger.path.read_bytes()
    with pytest.raises(Exception, match="missing"):
        rollback("topics")
    assert ledger.path.read_bytes() == before
