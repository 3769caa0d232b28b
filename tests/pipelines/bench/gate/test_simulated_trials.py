"""Simulated trials of the gate: their counts and the sentences about them."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import psutil
import pytest
from sklearn.metrics import f1_score

from pipelines.bench.gate.error_rates import rates
from pipelines.bench.gate.handicaps import break_label, shift_score
from pipelines.bench.gate.population import draw_sample
from pipelines.bench.gate.power import power
from pipelines.bench.gate.promotion_counts import ENGINE, PromotionCounts, count_promotions
from pipelines.bench.gate.scenarios import label_breaks
from pipelines.bench.gate.simulated_trials import BETTER, NAIVE, NO_WORSE, compare_on_sample
from pipelines.bench.gate.sound import simulated_scorecard
from pipelines.bench.gate.trial_processes import worker_pool
from pipelines.bench.results_file import read
from pipelines.kinds.classification.evaluation.label_comparison import compare_contestants
from pipelines.kinds.classification.evaluation.label_resamples import Resampled, accuracy
from pipelines.kinds.labelled.label_counts import macro_f1
from pipelines.promotion.decision import decide


def test_a_trial_is_compared_as_any_test_split(of):
    sample = draw_sample(of, break_label(of, 1, 0.3, 0.0), np.random.default_rng(0))
    given, champion, challenger = (
        [of.labels[code] for code in codes] for codes in (sample.references, sample.champion, sample.challenger)
    )
    found = compare_on_sample(of.labels, sample).scores
    assert found.against == compare_contestants(given, challenger, champion, Resampled(given, of.labels))
    assert found.per_label["delay"]["recall"] == np.mean(
        [a == b for a, b in zip(given, challenger, strict=True) if a == "delay"]
    )
    assert found.challenger.macro_f1.value == pytest.approx(f1_score(given, challenger, average="macro"))
    assert found.challenger.accuracy.value == np.mean(np.array(given) == challenger)


def test_what_is_not_simulated_never_decides(arena, of):
    sample = draw_sample(of, shift_score(of, 0.0, accuracy), np.random.default_rng(0))
    for said in (sample.champion, sample.references):
        trial = compare_on_sample(of.labels, replace(sample, challenger=said))
        assert decide(simulated_scorecard(trial.rows, trial.scores, arena.gate), arena.gate).promote


def test_a_rate_comes_with_its_exact_interval():
    found = PromotionCounts(100, 1.0, {BETTER: 0, NO_WORSE: 98}, {})
    rate = found.rate(BETTER)
    assert (rate.value, rate.low) == (0, 0)
    assert rate.high == pytest.approx(1 - 0.025 ** (1 / 100))
    assert found.rate(NO_WORSE, refused=True).value == pytest.approx(0.02)


def test_the_gate_holds_where_the_naive_rule_fails(arena, of):
    equal = count_promotions(arena, "equal", {"": shift_score(of, 0.0, accuracy)}, 40)
    assert equal.rate(NAIVE).value > 0.3
    assert equal.rate(BETTER).value <= 0.1
    better = count_promotions(arena, "better", {"": shift_score(of, 0.08, accuracy)}, 20)
    assert better.rate(BETTER).value > 0.9
    worse = count_promotions(arena, "worse", {"": shift_score(of, -0.05, macro_f1)}, 40)
    assert worse.rate(NO_WORSE).value <= 0.1
    broken_ones = label_breaks(of, 0.6, 0.01)
    worn = count_promotions(arena, "worn", broken_ones, 30)
    assert worn.rate(NAIVE).value > 0.5
    assert worn.rate(NO_WORSE).value < 0.2
    assert worn.by.keys() == broken_ones.keys()
    assert sum(row["trials"] for row in worn.by.values()) == 30


def tried_again(_chunks):
    pytest.fail("tried again")


def test_trials_are_the_same_every_time_and_are_remembered(arena, of):
    what = {"": shift_score(of, 0.0, accuracy)}
    first = count_promotions(arena, "equal", what, 5)
    assert count_promotions(replace(arena, run=tried_again), "equal", what, 5) == first
    (arena.bench.work / "trials" / "small" / "equal.json").unlink()
    again = count_promotions(arena, "equal", what, 5)
    assert (again.promoted, again.by) == (first.promoted, first.by)


def test_another_gate_is_tried_anew(arena, of):
    what = {"": shift_score(of, 0.0, accuracy)}
    count_promotions(arena, "equal", what, 3)
    known = replace(arena, run=tried_again)
    count_promotions(known, "equal", what, 3)
    with pytest.raises(pytest.fail.Exception, match="tried again"):
        count_promotions(known, "equal", what, 3, engine=ENGINE[1:])
    with pytest.raises(pytest.fail.Exception, match="tried again"):
        count_promotions(replace(known, gate=arena.gate.model_copy(update={"margin": 0.04})), "equal", what, 3)


@pytest.mark.slow
def test_processes_find_what_one_finds(arena, of):
    what = {"": shift_score(of, 0.02, accuracy)}
    alone = count_promotions(arena, "gain", what, 24)
    with worker_pool(2) as do:
        others = replace(arena, run=do)
        (arena.bench.work / "trials" / "small" / "gain.json").unlink()
        assert count_promotions(others, "gain", what, 24).promoted == alone.promoted


def test_every_rate_says_what_is_true_and_names_its_goal(arena):
    found = {(one.recipe, one.figure): one for one in rates(arena, 10)}
    false = found["neither is better", f"{BETTER}: promoted"]
    assert (false.goal, false.at_most) == (0.05, True)
    assert false.low <= false.value <= false.high
    assert "truly accuracy +0.00 points" in false.note
    margin = found["worse by the margin", f"{NO_WORSE}: promoted"]
    assert "macro-F1 -5.00" in margin.note
    assert ("better by two points", f"{NAIVE}: promoted") in found


def test_power_is_counted_where_a_change_reaches(arena, monkeypatch):
    monkeypatch.setattr("pipelines.bench.gate.power.POINTS", (-0.02, 0.0, 0.5))
    monkeypatch.setattr("pipelines.bench.gate.power.LOST", (0.1,))
    found = power(arena, 5)
    assert list(found.shifted) == [-0.02, 0.0]
    assert list(found.broken) == [0.1]
    assert read(arena.bench.work / "trials" / "small" / "10% of a label.json")


KILLED = """
import os
from multiprocessing import active_children
from pipelines.bench.gate.simulated_trials import Chunk
from pipelines.bench.gate.trial_processes import worker_pool
if __name__ == "__main__":
    with worker_pool(2) as do:
        list(do([Chunk(None, None, (), ())]))
        print(*(process.pid for process in active_children()), flush=True)
        os.kill(os.getpid(), 9)
"""


@pytest.mark.slow
def test_workers_end_with_a_run_that_is_killed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(KILLED)
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=120)
    workers = [int(one) for one in done.stdout.split()]
    assert workers
    _, alive = psutil.wait_procs([psutil.Process(one) for one in workers if psutil.pid_exists(one)], timeout=30)
    assert not alive
