"""What a run leaves behind when things go well, badly, or not at all."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from pipelines.lease import lease
from pipelines.ledger import Ledger
from pipelines.registry import Registry
from tests.flows.conftest import NEEDLOOP, environment, outcomes, write_catalog

pytestmark = pytest.mark.timeout(400)


def test_a_failing_suite_stops_the_run_before_training_and_leaves_the_champion(
    declared, settings, needloop, topics_csv
):
    needloop("train", "topics")
    champion = Ledger(settings.ledger).champion("topics")
    rows = [line for line in topics_csv.read_text().splitlines() if not line.endswith(",praise")]
    topics_csv.write_text("\n".join(rows) + "\n")
    failed = needloop("train", "topics", status=1)
    assert "InvalidData" in failed.stderr
    assert "praise" in failed.stderr
    assert Ledger(settings.ledger).champion("topics") == champion
    assert len(Registry(settings).versions("topics")) == 1


def test_a_challenger_under_its_floor_is_refused_with_exit_code_3(declared, settings, needloop):
    write_catalog(declared.model_copy(update={"gate": declared.gate.model_copy(update={"macro_f1": 1.0})}), settings)
    (outcome,) = outcomes(needloop("train", "topics", "--json", status=3))
    assert outcome["verdict"] == "refused"
    assert "is under the floor 1.000" in outcome["reason"]
    assert Ledger(settings.ledger).champion("topics") is None
    assert "champion" not in Registry(settings).aliases("topics")


def test_what_was_trained_and_judged_is_not_trained_twice(declared, settings, needloop):
    (first,) = outcomes(needloop("train", "topics", "--json"))
    (second,) = outcomes(needloop("train", "topics", "--json"))
    assert second["version"] == first["version"]
    assert second["reused"]
    assert "not trained again" in second["reason"]
    assert len(Ledger(settings.ledger).entries()) == 1


def test_an_alias_lost_between_ledger_and_registry_is_set_by_the_next_run(declared, settings, needloop):
    needloop("train", "topics")
    registry = Registry(settings)
    registry.client.delete_registered_model_alias("topics", "champion")
    needloop("train", "topics")
    assert registry.aliases("topics")["champion"] == 1


def test_a_lost_snapshot_is_made_again(declared, settings, needloop):
    needloop("train", "topics")
    lost = list((settings.home / "snapshots" / "topics").glob("*.parquet"))
    for file in lost:
        file.unlink()
    needloop("train", "topics")
    assert all(file.exists() for file in lost)


def test_too_little_feedback_is_a_skipped_run_with_a_reason(declared, needloop):
    (early,) = outcomes(needloop("retrain", "topics", "--json"))
    assert early["verdict"] == "skipped"
    assert "no champion to learn from yet" in early["reason"]
    needloop("train", "topics")
    (late,) = outcomes(needloop("retrain", "topics", "--json"))
    assert late["reason"] == "0 new feedback of the 3 that start a retraining"


def test_one_run_per_model_at_a_time(declared, settings, needloop):
    with lease(settings.database, "train-topics"):
        (outcome,) = outcomes(needloop("retrain", "topics", "--json"))
        assert outcome["verdict"] == "skipped"
        assert "held" in outcome["reason"].lower()
        assert "Held" in needloop("train", "topics", status=1).stderr


def test_a_run_killed_while_it_learns_is_completed_by_the_next(declared, settings, needloop, prefect_url):
    recipe = declared.recipe.model_copy(update={"epochs": 100, "patience": 100})
    write_catalog(declared.model_copy(update={"recipe": recipe}), settings)
    started = subprocess.Popen(
        [*NEEDLOOP, "train", "topics"], env=environment(settings, prefect_url), stderr=subprocess.PIPE, text=True
    )
    _until((settings.home / "work" / "topics").exists)
    time.sleep(1)
    started.send_signal(signal.SIGKILL)
    started.communicate()
    assert Registry(settings).versions("topics") == []
    write_catalog(declared, settings)
    needloop("train", "topics")
    (version,) = Registry(settings).versions("topics")
    registry = Registry(settings)
    runs = registry.client.search_runs([registry.client.get_experiment_by_name("topics").experiment_id])
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert Ledger(settings.ledger).champion("topics").version == version.version
    assert not (settings.home / "work" / "topics").exists()


def test_a_package_that_was_altered_is_not_judged(declared, settings, needloop):
    needloop("train", "topics")
    entry = Ledger(settings.ledger).champion("topics")
    with (Path(entry.location) / "package.json").open("a") as file:
        file.write(" ")
    failed = needloop("train", "topics", status=1)
    assert "was altered" in failed.stderr


def _until(happened, patience=120):
    deadline = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
