"""What a run leaves behind when things go well, badly, or not at all."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from expectations.validation import InvalidData
from flows.retraining import retrained
from flows.training import train
from pipelines.inference.artefact import BrokenPackage
from pipelines.lease import Held, lease
from pipelines.ledger import Ledger
from pipelines.registry.registry import Registry
from pipelines.store.feedback import Feedback
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from tests.flows.conftest import NEEDLOOP, environment, outcomes, rewind, write_catalog

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(autouse=True)
def _prefect(prefect_url):
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        yield


def teach(settings, texts):
    """Feedback of label baggage on answers to texts that are in no pool but train."""
    store = Store(settings.database)
    for number, text in enumerate(texts):
        answer = Prediction("topics", 1, f"{'f' * 63}{number}", text, "delay", 0.5, {})
        store.record([answer])
        store.add(Feedback(answer.id, label="baggage"))


def test_a_failing_suite_stops_the_run_before_training_and_leaves_the_champion(declared, settings, topics_csv):
    train("topics")
    champion = Ledger(settings.ledger).champion("topics")
    rows = [line for line in topics_csv.read_text().splitlines() if not line.endswith(",praise")]
    topics_csv.write_text("\n".join(rows) + "\n")
    with pytest.raises(InvalidData, match="praise"):
        train("topics")
    assert Ledger(settings.ledger).champion("topics") == champion
    assert len(Registry(settings).versions("topics")) == 1


def test_what_was_trained_and_judged_is_not_trained_twice(declared, settings):
    first, second = train("topics"), train("topics")
    assert second.version == first.version
    assert second.reused
    assert "not trained again" in second.reason
    assert len(Ledger(settings.ledger).entries()) == 1


def test_an_alias_lost_between_ledger_and_registry_is_set_by_the_next_run(declared, settings):
    train("topics")
    registry = Registry(settings)
    registry.client.delete_registered_model_alias("topics", "champion")
    train("topics")
    assert registry.aliases("topics")["champion"] == 1


def test_a_lost_snapshot_is_made_again(declared, settings):
    train("topics")
    lost = list((settings.home / "snapshots" / "topics").glob("*.parquet"))
    for file in lost:
        file.unlink()
    train("topics")
    assert len(lost) == 2
    assert all(file.exists() for file in lost)


def test_a_run_leaves_its_curves_its_cost_and_what_learnt(declared, settings):
    recipe = declared.recipe.model_copy(update={"tensorboard": True})
    write_catalog(declared.model_copy(update={"recipe": recipe}), settings)
    train("topics")
    registry = Registry(settings)
    version = registry.version("topics", 1)
    run = registry.client.get_run(version.run)
    losses = registry.client.get_metric_history(version.run, "train.loss")
    assert [one.step for one in losses] == sorted({one.step for one in losses})
    assert registry.client.get_metric_history(version.run, "validation.macro_f1")[-1].value > 0.5
    assert run.data.metrics["cost.cpu_seconds"] > 0
    assert run.data.metrics["cost.memory"] > 2**20
    assert int(run.data.params["learning_weights"]) > 0
    assert {"curves.png", "compression.json"} <= {one.path for one in registry.client.list_artifacts(version.run)}
    assert 0 < run.data.metrics["compression.int8.bytes"] < run.data.metrics["compression.fp32.bytes"]
    assert len(list((settings.home / "tensorboard" / "topics").glob("*/events.out.*"))) == 1


def test_too_little_feedback_is_a_skipped_run_with_a_reason(declared, settings):
    early = retrained("topics")
    assert early.verdict == "skipped"
    assert "no champion to learn from yet" in early.reason
    train("topics")
    teach(settings, ["my trunk is gone", "a bag went to Rome"])
    assert retrained("topics").reason == "2 new feedback of the 3 that start a retraining"


def test_a_champion_learns_again_from_feedback_once(declared, settings):
    train("topics")
    teach(settings, ["my trunk is gone", "a bag went to Rome", "two suitcases are wet"])
    again = retrained("topics")
    assert again.verdict in {"promoted", "refused"}
    assert again.version.version == 2
    assert again.card.champion is not None
    assert retrained("topics").reason == "0 new feedback of the 3 that start a retraining"


def test_a_declaration_can_hold_what_was_learnt_from_feedback(declared, settings):
    train("topics")
    gate = declared.gate.model_copy(update={"margin": 1.0, "macro_f1": 0.0, "accuracy": 0.0})
    held = declared.retraining.model_copy(update={"hold": True})
    write_catalog(declared.model_copy(update={"retraining": held, "gate": gate}), settings)
    teach(settings, ["my trunk is gone", "a bag went to Rome", "two suitcases are wet"])
    again = retrained("topics")
    assert again.verdict == "held", again.reason
    assert Ledger(settings.ledger).champion("topics").version == 1


def test_one_run_per_model_at_a_time(declared, settings):
    with lease(settings.database, "train-topics"):
        outcome = retrained("topics")
        assert outcome.verdict == "skipped"
        assert "train-topics" in outcome.reason
        with pytest.raises(Held):
            train("topics")


def test_a_package_that_was_altered_is_not_judged(declared, settings):
    train("topics")
    entry = Ledger(settings.ledger).champion("topics")
    with (Path(entry.location) / "package.json").open("a") as file:
        file.write(" ")
    with pytest.raises(BrokenPackage, match="was altered"):
        train("topics")


def test_a_challenger_under_its_floor_is_refused_with_exit_code_3(declared, settings, needloop):
    write_catalog(declared.model_copy(update={"gate": declared.gate.model_copy(update={"macro_f1": 1.0})}), settings)
    (outcome,) = outcomes(needloop("train", "topics", "--json", status=3))
    assert outcome["verdict"] == "refused"
    assert "is under the floor 1.000" in outcome["reason"]
    assert Ledger(settings.ledger).champion("topics") is None
    assert "champion" not in Registry(settings).aliases("topics")


def test_a_run_killed_while_it_learns_is_completed_by_the_next(declared, settings, prefect_url):
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
    train("topics")
    registry = Registry(settings)
    (version,) = registry.versions("topics")
    runs = registry.client.search_runs([registry.client.get_experiment_by_name("topics").experiment_id])
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert Ledger(settings.ledger).champion("topics").version == version.version
    assert not (settings.home / "work" / "topics").exists()


def test_a_version_killed_before_its_decision_is_judged_by_the_next(declared, settings):
    train("topics")
    rewind(settings)
    outcome = train("topics")
    assert not outcome.reused
    assert outcome.version.version == 1
    assert Ledger(settings.ledger).champion("topics").version == 1


def test_a_retrained_version_killed_before_its_decision_is_judged_by_the_next(declared, settings):
    train("topics")
    teach(settings, ["my trunk is gone", "a bag went to Rome", "two suitcases are wet"])
    judged = settings.ledger.read_bytes()
    retrained("topics")
    rewind(settings, judged)
    again = retrained("topics")
    assert again.version.version == 2
    assert again.verdict in {"promoted", "refused"}
    assert not again.reused


def test_a_refusal_is_decided_again_when_the_gate_changes(declared, settings):
    high = declared.model_copy(update={"gate": declared.gate.model_copy(update={"macro_f1": 1.0})})
    write_catalog(high, settings)
    assert train("topics").verdict == "refused"
    assert train("topics").reused
    write_catalog(declared, settings)
    outcome = train("topics")
    assert (outcome.verdict, outcome.version.version) == ("promoted", 1)


def test_lost_artifacts_are_trained_again(declared, settings):
    train("topics")
    shutil.rmtree(settings.home / "artifacts")
    rewind(settings)
    assert train("topics").version.version == 2


def test_labels_may_hold_any_character(declared, settings, topics_csv):
    odd = {"baggage": "refund & exchange?", "delay": "C++/#1", "praise": "\u8c22\u8c22"}
    lines = topics_csv.read_text().splitlines()
    rows = [f"{line.rsplit(',', 1)[0]},{odd[line.rsplit(',', 1)[1]]}" for line in lines[1:]]
    topics_csv.write_text("\n".join([lines[0], *rows]) + "\n", encoding="utf-8")
    write_catalog(declared.model_copy(update={"labels": tuple(odd.values())}), settings)
    assert set(train("topics").card.per_label) <= set(odd.values())


def test_feedback_on_held_out_texts_starts_no_training(declared, settings):
    train("topics")
    store = Store(settings.database)
    for number in range(3):
        answer = Prediction("topics", 1, f"{'0' * 63}{number}", f"held out {number}", "delay", 0.5, {})
        store.record([answer])
        store.add(Feedback(answer.id, label="baggage"))
    assert "none of 3 feedback is for learning" in retrained("topics").reason


def test_a_champion_of_other_labels_does_not_stop_its_successor(declared, settings, topics_csv):
    train("topics")
    text = topics_csv.read_text().replace(",praise", ",thanks")
    topics_csv.write_text(text)
    write_catalog(declared.model_copy(update={"labels": ("baggage", "delay", "thanks")}), settings)
    (settings.home / "validation" / "topics.json").unlink()
    outcome = train("topics")
    assert outcome.card.champion.macro_f1.value < outcome.card.challenger.macro_f1.value
    assert outcome.verdict == "promoted"


def _until(happened, patience=120):
    deadline = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
