"""State after a run that succeeds, is refused or fails."""

import shutil
import signal
import time
from pathlib import Path
from tempfile import TemporaryFile

import pandas as pd
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from expectations.validation import InvalidData
from flows.retraining import run_retraining
from flows.training import train
from pipelines.inference.artefact import BrokenPackage
from pipelines.kinds.classification.target import Labels
from pipelines.ledger.ledger import Ledger
from pipelines.store.feedback_rows import Feedback
from pipelines.store.lease import LeaseHeld, lease
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from tests.flows.conftest import MAIN, outcomes
from tests.flows.declarations import write_catalog
from tests.flows.environments import environment
from tests.flows.homes import rewind

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(autouse=True)
def _prefect(prefect_url):
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        yield


def teach(settings, texts, pool="f"):
    """Feedback with the label baggage on answers to texts; the pool decides the split of their keys."""
    store = Store(settings.database)
    for number, text in enumerate(texts):
        answer = Prediction("topics", 1, f"{pool * 63}{number}", text, "delay", 0.5, {})
        store.record([answer])
        store.add(Feedback(answer.id, label="baggage"))


def recent_texts(settings):
    """The texts of recent feedback among the evidence of the last decision."""
    files = Ledger(settings.files.ledger).entries()[-1].files
    tables = [pd.read_parquet(uri) for uri in files if uri.endswith(".parquet")]
    return [text for table in tables if "feedback" in table for text in table["text"]]


def test_a_failing_suite_stops_the_run_before_training_and_leaves_the_champion(trained, declared, settings, topics_csv):
    champion = Ledger(settings.files.ledger).champion("topics")
    rows = [line for line in topics_csv.read_text().splitlines() if not line.endswith(",praise")]
    topics_csv.write_text("\n".join(rows) + "\n")
    with pytest.raises(InvalidData, match="praise"):
        train("topics")
    assert Ledger(settings.files.ledger).champion("topics") == champion
    assert len(settings.workspace.registry.versions("topics")) == 1


def test_what_was_trained_and_judged_is_not_trained_twice(trained, settings):
    again = train("topics")
    assert (again.version.version, again.reused) == (1, True)
    assert "not trained again" in again.reason
    assert len(Ledger(settings.files.ledger).entries()) == 1


def test_an_alias_lost_between_ledger_and_registry_is_set_by_the_next_run(trained, declared, settings):
    registry = settings.workspace.registry
    registry.client.delete_registered_model_alias("topics", "champion")
    train("topics")
    assert registry.aliases("topics")["champion"] == 1


def test_a_lost_snapshot_is_made_again(trained, declared, settings):
    lost = list((settings.home / "snapshots" / "topics").glob("*.parquet"))
    for file in lost:
        file.unlink()
    train("topics")
    assert len(lost) == 2
    assert all(file.exists() for file in lost)


def test_without_a_champion_a_retraining_is_skipped_with_a_reason(declared, settings):
    early = run_retraining("topics")
    assert early.verdict == "skipped"
    assert "no champion to learn from yet" in early.reason


def test_too_little_feedback_is_a_skipped_run_with_a_reason(trained, settings):
    teach(settings, ["my trunk is gone", "a bag went to Rome"])
    assert run_retraining("topics").reason == "2 new labels of the 3 that start a retraining"


def test_a_champion_learns_again_from_feedback_once_and_is_judged_again_if_killed_before(trained, declared, settings):
    judged = settings.files.ledger.read_bytes()
    teach(settings, ["my trunk is gone", "a bag went to Rome", "two suitcases are wet"])
    teach(settings, ["my rucksack never came"], pool="0")
    again = run_retraining("topics")
    assert again.verdict == "promoted", again.reason
    assert again.version.version == 2
    assert again.card.measure("champion.macro_f1") is not None
    assert recent_texts(settings) == ["my rucksack never came"]
    assert run_retraining("topics").reason == "0 new labels of the 3 that start a retraining"
    rewind(settings, judged)
    again = run_retraining("topics")
    assert (again.version.version, again.verdict) == (2, "promoted"), again.reason
    assert not again.reused
    rewind(settings, judged)
    held = declared.retraining.model_copy(update={"hold": True})
    write_catalog(declared.model_copy(update={"retraining": held}), settings)
    again = run_retraining("topics")
    assert (again.version.version, again.verdict) == (2, "held"), again.reason
    assert Ledger(settings.files.ledger).champion("topics").version == 1


def test_one_run_per_model_at_a_time(declared, settings):
    with lease(settings.database, "train-topics"):
        outcome = run_retraining("topics")
        assert outcome.verdict == "skipped"
        assert "train-topics" in outcome.reason
        with pytest.raises(LeaseHeld):
            train("topics")


def test_a_package_that_was_altered_is_not_judged(trained, declared, settings):
    entry = Ledger(settings.files.ledger).champion("topics")
    with (Path(entry.package) / "package.json").open("a") as file:
        file.write(" ")
    with pytest.raises(BrokenPackage, match="was altered"):
        train("topics")


def test_what_is_under_its_floor_is_refused_with_exit_code_3_until_the_gate_changes(
    trained, declared, settings, needloop
):
    rewind(settings)
    settings.workspace.registry.client.delete_registered_model_alias("topics", "champion")
    write_catalog(
        declared.model_copy(update={"gate": declared.gate.model_copy(update={"min_macro_f1": 1.0})}), settings
    )
    (outcome,) = outcomes(needloop("train", "topics", "--json", status=3))
    assert outcome["verdict"] == "refused"
    assert "is under the floor 1.000" in outcome["reason"]
    assert Ledger(settings.files.ledger).champion("topics") is None
    assert "champion" not in settings.workspace.registry.aliases("topics")
    assert train("topics").reused
    write_catalog(declared, settings)
    outcome = train("topics")
    assert (outcome.verdict, outcome.version.version) == ("promoted", 1)


def test_a_run_killed_while_it_learns_is_completed_by_the_next(declared, settings, prefect_url, forker):
    recipe = declared.recipe.model_copy(update={"epochs": 100, "patience": 100})
    write_catalog(declared.model_copy(update={"recipe": recipe}), settings)
    with TemporaryFile("w") as said:
        words, surroundings = ["needloop", "train", "topics"], environment(settings, prefect_url)
        started = forker.start(MAIN, words, surroundings, settings.home, said, said)
    _until((settings.home / "work" / "topics").exists)
    time.sleep(1)
    started.kill()
    assert started.wait() == -signal.SIGKILL
    assert settings.workspace.registry.versions("topics") == []
    write_catalog(declared, settings)
    train("topics")
    registry = settings.workspace.registry
    (version,) = registry.versions("topics")
    runs = registry.client.search_runs([registry.client.get_experiment_by_name("topics").experiment_id])
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert Ledger(settings.files.ledger).champion("topics").version == version.version
    assert not (settings.home / "work" / "topics").exists()


def test_a_version_killed_before_its_decision_is_judged_by_the_next(trained, declared, settings):
    rewind(settings)
    outcome = train("topics")
    assert not outcome.reused
    assert outcome.version.version == 1
    assert Ledger(settings.files.ledger).champion("topics").version == 1


def test_lost_artifacts_are_trained_again(trained, declared, settings):
    shutil.rmtree(settings.home / "artifacts")
    rewind(settings)
    assert train("topics").version.version == 2


def test_feedback_on_held_out_texts_starts_no_training(trained, declared, settings):
    store = Store(settings.database)
    for number in range(3):
        answer = Prediction("topics", 1, f"{'0' * 63}{number}", f"held out {number}", "delay", 0.5, {})
        store.record([answer])
        store.add(Feedback(answer.id, label="baggage"))
    assert "none of 3 feedback texts can be learnt" in run_retraining("topics").reason


def test_a_champion_of_other_labels_does_not_stop_its_successor(trained, declared, settings, topics_csv):
    text = topics_csv.read_text().replace(",praise", ",thanks")
    topics_csv.write_text(text)
    write_catalog(declared.model_copy(update={"target": Labels(labels=("baggage", "delay", "thanks"))}), settings)
    (settings.home / "validation" / "topics.json").unlink()
    outcome = train("topics")
    figures = outcome.card.figures()
    assert figures["champion.macro_f1"] < figures["test.macro_f1"]
    assert outcome.verdict == "promoted"


def _until(happened, patience=120):
    deadline = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
