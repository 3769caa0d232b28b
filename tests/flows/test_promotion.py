"""Promote good, force a bad one, go back: what a person may do, and what the ledger remembers of it."""

import json
import shutil
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from typer.testing import CliRunner

from flows.commands.app import app
from flows.promotion import promote, rollback
from flows.training import train
from pipelines.ledger import Ledger
from pipelines.promotion.audit import audit
from pipelines.promotion.returning import NoWayBack
from pipelines.promotion.standing import Stale
from pipelines.promotion.trying import Terms, begin
from pipelines.registry.registry import Registry
from tests.flows.conftest import write_catalog

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def two(declared, settings, prefect_url):
    """A home whose version 1 is champion; version 2 was refused, because the gate asks for more by now."""
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        train("topics")
        gate = declared.gate.model_copy(update={"macro_f1": 0.999})
        recipe = declared.recipe.model_copy(update={"seed": 8})
        write_catalog(declared.model_copy(update={"gate": gate, "recipe": recipe}), settings)
        assert train("topics").verdict == "refused"
        yield settings


def test_a_refused_version_is_promoted_only_with_a_reason_and_the_way_back_is_open(two):
    assert promote("topics", 2).verdict == "refused"
    forced = promote("topics", 2, "the campaign starts today")
    ledger = Ledger(two.ledger)
    entry = ledger.champion("topics")
    assert (forced.verdict, entry.version, entry.override) == ("promoted", 2, "the campaign starts today")
    assert any("under the floor" in reason for reason in entry.reasons)
    back = rollback("topics", reason="customers complain")
    assert (back.version, back.event, back.champion) == (1, "rollback", 2)
    assert "customers complain" in back.reasons[0]
    assert ledger.champion("topics") == back
    assert Registry(two).aliases("topics") == {"champion": 1, "previous": 2, "challenger": 1}
    assert audit(ledger, Registry(two), two.home / "cache", {"topics": 1}) == []
    again = train("topics")
    assert (again.verdict, again.reused) == ("refused", True), "who was left is not champion because it once was"
    assert rollback("topics", to=2).version == 2


def test_what_is_held_is_judged_and_waits_to_be_tried_and_promoted(declared, settings, prefect_url, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", prefect_url)
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        assert train("topics").verdict == "promoted"
        write_catalog(declared.model_copy(update={"recipe": declared.recipe.model_copy(update={"seed": 8})}), settings)
        said = CliRunner().invoke(app, ["train", "topics", "--hold", "--json"])
        (held,) = json.loads(said.stdout)
        assert (said.exit_code, held["verdict"]) == (0, "held")
        assert "needloop canary topics --version 2" in held["reason"]
        ledger = Ledger(settings.ledger)
        assert (ledger.champion("topics").version, ledger.entries()[-1].event) == (1, "hold")
        assert Registry(settings).aliases("topics") == {"champion": 1, "challenger": 2}
        assert audit(ledger, Registry(settings), settings.home / "cache", {"topics": 1}) == []
        assert train("topics").verdict == "held", "nothing is new"
        trial = begin(ledger, "topics", 2, Terms("canary", "to see", share=0.1, hours=1), settings.home / "cache")
        assert (trial.event, trial.override) == ("canary", "")
        assert promote("topics", 2).verdict == "promoted"
        assert ledger.champion("topics").version == 2


def test_what_was_decided_before_another_became_champion_is_not_done(two):
    before = Path(two.ledger).read_bytes()
    for stale in (lambda: promote("topics", 2, "now", champion=0), lambda: rollback("topics", to=2, champion=7)):
        with pytest.raises(Stale, match="the champion of 'topics' is 1 now"):
            stale()
    assert Path(two.ledger).read_bytes() == before
    promote("topics", 2, "now", champion=1, by="anna")
    assert Ledger(two.ledger).champion("topics").by.startswith("anna, through ")


def test_there_is_no_way_back_to_what_never_was(two):
    with pytest.raises(NoWayBack, match="champions beside 1 were none"):
        rollback("topics")
    with pytest.raises(NoWayBack, match="version 2"):
        rollback("topics", to=2)


def test_a_way_back_that_does_not_answer_is_not_taken(two):
    promote("topics", 2, "an experiment")
    ledger = Ledger(two.ledger)
    good = next(entry for entry in ledger.entries() if entry.version == 1)
    shutil.rmtree(Path(good.location))
    before = ledger.path.read_bytes()
    with pytest.raises(Exception, match="missing"):
        rollback("topics")
    assert ledger.path.read_bytes() == before


def test_the_commands_say_what_happened(two, monkeypatch, prefect_url):
    monkeypatch.setenv("PREFECT_API_URL", prefect_url)
    refused = CliRunner().invoke(app, ["promote", "topics", "--version", "2", "--json"])
    assert refused.exit_code == 3
    assert json.loads(refused.stdout)[0]["verdict"] == "refused"
    forced = CliRunner().invoke(app, ["promote", "topics", "--version", "2", "--override", "tried by hand"])
    assert forced.exit_code == 0
    back = CliRunner().invoke(app, ["rollback", "topics", "--json"], catch_exceptions=False)
    assert json.loads(back.stdout)["champion"] == 1
