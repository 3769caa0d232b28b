"""The whole benchmark of the gate on a folder of small data sets and the tiny encoder."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from flows.commands.app import app
from pipelines.bench import ours
from pipelines.bench.data import load_split
from pipelines.bench.gate import gate_benchmark, power
from pipelines.bench.gate.gate_benchmark import run_gate_benchmark
from pipelines.bench.gate.population import make_population
from pipelines.bench.gate.saved import load_answers
from pipelines.bench.gate.simulated_case import make_case
from pipelines.bench.gate.speed import interval_by_loop, judge_case
from pipelines.kinds.classification.evaluation.label_resamples import Resampled
from pipelines.kinds.labelled.label_counts import macro_f1


@pytest.fixture
def small(monkeypatch):
    """Few texts in a trial and few points of a curve."""
    monkeypatch.setattr(gate_benchmark, "TEXTS", 120)
    monkeypatch.setattr(gate_benchmark, "LOOPS", 5)
    monkeypatch.setattr(power, "POINTS", (-0.02, 0.0))
    monkeypatch.setattr(power, "LOST", (0.5,))


def test_answers_of_two_models_are_asked_once(bench, tiny_encoder, monkeypatch):
    found = load_answers("banking77", bench, str(tiny_encoder))
    given = load_split("banking77", bench.data).test.labels
    assert [found.labels[code] for code in found.references] == list(given)
    assert (found.answers == found.references).mean(1).min() > 0.34
    assert (found.instead != found.references).all()
    wrong = found.answers != found.references
    assert (found.instead[wrong] == found.answers[wrong]).all()  # its answer is likelier than any other wrong label
    monkeypatch.setattr(ours, "train", lambda *_: pytest.fail("learnt again"))
    again = load_answers("banking77", bench, str(tiny_encoder))
    assert (again.answers == found.answers).all()


def test_it_leaves_a_table_a_json_file_and_a_picture(bench, tiny_encoder, small):
    results = run_gate_benchmark(bench, trials=4, base=str(tiny_encoder))
    parts = {one.part for one in results.measures}
    assert parts == {"speed", "banking77"}
    written = json.loads((bench.work / "results.json").read_text())
    assert len(written["measures"]) == len(results.measures)
    assert "| banking77 | neither is better | gate 'better': promoted |" in (bench.work / "results.md").read_text()
    assert (bench.work / "power.png").stat().st_size > 5000


def test_a_folder_without_the_set_is_skipped_and_says_so(bench, tmp_path, messages, small):
    results = run_gate_benchmark(replace(bench, data=tmp_path / "nothing"), trials=2)
    assert results.skipped.keys() == {"banking77"}
    assert messages == [f"skipped banking77: {results.skipped['banking77']}"]
    assert not (bench.work / "power.png").exists()


def test_what_is_judged_is_all_of_it_and_the_loop_finds_the_same_interval(bench, tiny_encoder):
    of = make_population(load_answers("banking77", bench, str(tiny_encoder)))
    one = make_case("banking77", of, bench, 150)
    assert len(set(one.test["text"])) == 150
    decision, lost = judge_case(one)
    right = np.array(one.champion.likeliest) == one.test["label"]
    assert len(lost) == (right & (np.array(one.challenger.likeliest) != one.test["label"])).sum()
    assert any("the champion: macro-F1" in reason for reason in decision.reasons)  # the comparison happened
    found = Resampled(one.test["label"].tolist(), of.labels).difference(
        macro_f1, one.challenger.likeliest, one.champion.likeliest
    )
    assert interval_by_loop(one, 400) == pytest.approx((found.low, found.high), abs=0.03)


def test_the_command_answers_json(bench, tiny_encoder, settings, small, monkeypatch):
    monkeypatch.setattr(gate_benchmark, "load_answers", lambda name, run, _: load_answers(name, run, str(tiny_encoder)))
    done = CliRunner().invoke(app, ["bench", "gate", "--data", str(bench.data), "--trials", "3", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)["measures"]
    assert {one["recipe"] for one in found} >= {"neither is better", "better by two points"}
    assert (settings.home / "bench" / "gate" / "results.md").exists()
