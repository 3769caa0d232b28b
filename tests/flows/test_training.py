"""State after a run that succeeds, is refused or fails."""

import os
import shutil
import signal
import time
from pathlib import Path
from tempfile import TemporaryFile

import pandas as pd
import pytest
import torch
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
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.network.network import make_network, trainable_parameters
from tests.conftest import topics_model, write_topics
from tests.flows.conftest import MAIN, declaration, environment, inhabited, outcomes, rewind, write_catalog

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


ODD = {"baggage": "refund & exchange?", "delay": "C++/#1", "praise": "\u8c22\u8c22"}
SECRET = "ada.lovelace@example.com"


@pytest.fixture(scope="module")
def odd(tmp_path_factory, tiny_encoder, prefect_url):
    """A home trained on odd labels and a text with an address, TensorBoard's files included; and the outcome."""
    folder = tmp_path_factory.mktemp("odd")
    spec = declaration(topics_model(_odd_topics(folder / "topics.csv"), tiny_encoder))
    odd_ones = {"recipe": spec.recipe.model_copy(update={"tensorboard": True})}
    with inhabited(folder / "home") as settings, temporary_settings({PREFECT_API_URL: prefect_url}):
        write_catalog(spec.model_copy(update={"target": Labels(labels=tuple(ODD.values())), **odd_ones}), settings)
        return settings, train("topics")


def _odd_topics(csv):
    head, first, *lines = write_topics(csv).read_text().splitlines()
    first = f"0,write to {SECRET} about my bag,{first.rsplit(',', 1)[1]}"
    rows = [f"{line.rsplit(',', 1)[0]},{ODD[line.rsplit(',', 1)[1]]}" for line in (first, *lines)]
    csv.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return csv


def test_labels_may_hold_any_character(odd):
    _, outcome = odd
    assert set(outcome.card.attachments["per_label"]) <= set(ODD.values())


def test_personal_data_of_the_source_reaches_no_byte_of_the_home(odd):
    settings, _ = odd
    files = [path for path in settings.home.rglob("*") if path.is_file()]
    texts = [text for uri in settings.home.glob("snapshots/topics/*.parquet") for text in pd.read_parquet(uri)["text"]]
    assert "write to <EMAIL> about my bag" in texts
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


def test_a_run_leaves_its_curves_its_cost_and_what_learnt(odd, tiny_encoder):
    settings, _ = odd
    registry = settings.workspace.registry
    version = registry.version("topics", 1)
    run = registry.client.get_run(version.run)
    losses = registry.client.get_metric_history(version.run, "train.loss")
    assert [one.step for one in losses] == sorted({one.step for one in losses})
    assert registry.client.get_metric_history(version.run, "validation.macro_f1")[-1].value > 0.5
    seconds = run.data.metrics["cost.seconds"]
    assert 0.2 < seconds < (run.info.end_time - run.info.start_time) / 1000 + 0.01
    assert 0.2 < run.data.metrics["cost.cpu_seconds"] < seconds * os.cpu_count() + 1
    assert run.data.metrics["cost.memory"] > 2**20
    model, _ = load_pretrained(str(tiny_encoder), len(ODD), 0.0)
    net = make_network(model, torch.device("cpu"), int(run.data.params["recipe.frozen_layers"]))
    assert int(run.data.params["learning_weights"]) == trainable_parameters(net)
    assert {"curves.png", "compression.json"} <= {one.path for one in registry.client.list_artifacts(version.run)}
    assert 0 < run.data.metrics["compression.int8.bytes"] < run.data.metrics["compression.fp32.bytes"]
    assert len(list((settings.home / "tensorboard" / "topics").glob("*/events.out.*"))) == 1


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
