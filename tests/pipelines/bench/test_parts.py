"""The parts of the benchmark beside the comparison of recipes, each on a tiny encoder and a small folder."""

import json
from dataclasses import replace

import pytest

from pipelines.bench import parts, pretraining_gain, retraining, small_data, smaller_networks
from pipelines.bench.adaptation import run_adaptation
from pipelines.bench.data import load_split
from pipelines.bench.parts import PARTS
from pipelines.bench.recipes import SETUPS, Setup
from pipelines.catalog.recipe import Pruning, Recipe
from pipelines.catalog.spec import Source

SMALL = Recipe(epochs=2, frozen_layers=0, batch=32, rate=2e-3, head_rate=1e-2)


def test_retraining_tells_its_share_of_the_time_and_what_it_costs(bench, small_setups, monkeypatch):
    monkeypatch.setattr(retraining, "FEEDBACK", 40)
    monkeypatch.setitem(SETUPS, "retraining", replace(small_setups["retraining"], data="banking77"))
    monkeypatch.setitem(PARTS, "retraining", replace(PARTS["retraining"], data=("banking77",)))
    share, less = run_adaptation(bench, ["retraining"]).measures
    files = sorted((bench.work / "runs" / "retraining").glob("pair-*.json"))
    one, other = (json.loads(file.read_text())["value"] for file in files)
    shares = [run["again_seconds"] / run["scratch_seconds"] for run in (one, other)]
    assert (share.low, share.value, share.high) == (min(shares), pytest.approx(sum(shares) / 2), max(shares))
    assert less.figure == "accuracy less than from scratch"
    assert less.value == pytest.approx((one["scratch"] - one["again"] + other["scratch"] - other["again"]) / 2)
    assert "2 seeds" in less.note


def test_compression_compares_every_form_with_the_whole_network(bench, tiny_encoder, monkeypatch):
    small = [
        Setup(name, "banking77", SMALL.model_copy(update={"pruning": pruning}), str(tiny_encoder), seeds=(7,))
        for name, pruning in (("whole", None), ("shorter", Pruning(layers=1)))
    ]
    monkeypatch.setattr(smaller_networks, "DATA", "banking77")
    monkeypatch.setattr(smaller_networks, "recipes", lambda: small)
    found = run_adaptation(bench, ["compression"]).measures
    by = {(one.recipe, one.figure): one.value for one in found}
    assert {name for name, _ in by} == {"fp32", "int8", "fp32, 1 layers fewer", "int8, 1 layers fewer"}
    assert by["int8", "bytes"] < by["fp32", "bytes"]
    assert by["fp32, 1 layers fewer", "bytes"] < by["fp32", "bytes"]
    assert by["fp32", "answers not as fp32"] == 0


def test_a_learning_curve_rises_with_the_texts_of_a_label(bench, tiny_encoder, monkeypatch):
    monkeypatch.setattr(small_data, "RECIPES", {"regression": Recipe(epochs=0)})
    few, many = small_data.learning_curve(bench, sizes=(2, 40), seeds=(7, 8), base=str(tiny_encoder))
    assert few.value < many.value
    assert "over seeds 7, 8" in few.note


def test_the_bundled_intents_leave_out_what_is_nearly_a_test_text():
    split = load_split("intent", None)
    assert len(split.labels) == 13
    assert not {text.casefold() for text in split.train.texts} & {text.casefold() for text in split.test.texts}
    assert 2300 < len(split.train.texts + split.validation.texts + split.test.texts) <= 2400


def test_pretraining_reads_first_and_tells_the_difference(bench, topics, reader, topics_csv, monkeypatch):
    source = Source(uri=str(topics_csv), text="utterance", label="intent")
    spec = topics.model_copy(update={"base_model": str(reader), "source": source})
    part = parts.PartEntry(lambda bench: pretraining_gain.pretraining(bench, spec, str(topics_csv)), ())
    monkeypatch.setitem(PARTS, "pretraining", part)
    measures = run_adaptation(bench, ["pretraining"]).measures  # in a new home
    found = {(one.recipe, one.figure): one.value for one in measures}
    assert found["topics-read", "perplexity after"] < found["topics-read", "perplexity before"]
    file = bench.work / "runs" / "pretraining" / "topics.json"
    kept = json.loads(file.read_text())
    given = kept["value"]["given"]
    kept["value"] |= {"read": given, "plain": given[:-2] + given[:2]}
    file.write_text(json.dumps(kept))
    *_, plain, read, gain = pretraining_gain.pretraining(bench, spec, str(topics_csv))
    assert (plain.value < 1, read.value, gain.value) == (True, 1, pytest.approx(1 - plain.value))


def test_a_recipe_that_learns_from_all_has_a_curve_without_a_test_text(bench, small_setups, monkeypatch):
    monkeypatch.setitem(SETUPS, "banking77", replace(small_setups["banking77"], whole=True, seeds=(7,)))
    results = run_adaptation(bench, ["banking77", "curve-banking77"])
    assert [one.figure for one in results.measures] == ["accuracy", "validation accuracy"]
    assert (bench.work / "plots" / "banking77.png").exists()
