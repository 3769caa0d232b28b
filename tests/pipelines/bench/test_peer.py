import math
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sklearn.metrics import f1_score

from pipelines.bench import clock, peer, peer_trainer, results_file, sweep
from pipelines.bench.adaptation import run_adaptation
from pipelines.bench.data import load_split
from pipelines.bench.peer import Epoch
from pipelines.bench.peer_trainer import Setting
from pipelines.bench.ratio import PeerRun, compare_runs
from pipelines.bench.recipes import SETUPS
from pipelines.bench.runs import TrainedRun
from pipelines.bench.sweep import Grid, chosen_setting, fewest_epochs, sweep_part

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:torch", "ignore::FutureWarning:transformers")


@pytest.fixture
def small(folder):
    split = load_split("banking77", folder)
    return replace(split, train=split.train.select(range(40)), test=split.test.select(range(20)))


@pytest.fixture
def judged_for_an_hour(monkeypatch):
    """Each evaluation takes an hour by a false clock."""
    hours, perf_counter = [], time.perf_counter

    def score_for_an_hour(*given, **named):
        hours.append(3600.0)
        return f1_score(*given, **named)

    monkeypatch.setattr(peer_trainer, "f1_score", score_for_an_hour)
    monkeypatch.setattr(clock, "time", SimpleNamespace(perf_counter=lambda: perf_counter() + sum(hours)))
    return hours


def test_the_trainer_learns_and_its_clock_stands_still_while_it_is_judged(
    small, tiny_encoder, tmp_path, capsys, judged_for_an_hour
):
    seen = []
    epochs = peer.train(
        small, Setting(1e-2, 2), str(tiny_encoder), 7, tmp_path, lambda *step: seen.append(step), test=True
    )
    assert 0 < epochs[0].seconds < epochs[1].seconds < 3600
    assert len(judged_for_an_hour) == 4  # two epochs on validation and test texts
    assert all(0 <= one.accuracy <= 1 and 0 <= one.macro_f1 <= 1 and 0 <= one.test <= 1 for one in epochs)
    assert seen[-1][1:] == (4, 4)
    assert capsys.readouterr().out == ""


def trained_best_at(best, asked):
    """A peer whose accuracy falls with the distance from the best setting, in powers of two and epochs."""

    def trained(_split, setting, *_given, test):
        asked.append((setting.rate, setting.epochs, test))
        away = abs(math.log2(setting.rate / best.rate)) + abs(setting.epochs - best.epochs)
        return [Epoch(9.0, 0.9 - 0.1 * away, 0.8, None)]

    return trained


def test_a_sweep_chooses_on_validation_and_records_every_trial(bench, monkeypatch):
    asked = []
    monkeypatch.setattr(peer, "train", trained_best_at(Setting(2e-3, 6), asked))
    part = sweep_part("banking77", Grid((1e-3, 2e-3, 4e-3), 4, (6,)))
    (best,) = part(bench)
    assert asked == [(1e-3, 4, False), (2e-3, 4, False), (4e-3, 4, False), (2e-3, 6, False)]
    assert chosen_setting("banking77", bench) == Setting(2e-3, 6)
    assert best.recipe == "Trainer, rate 0.002, 6 epochs"
    trial = sweep.load_sweeps(bench)["banking77"]["trials"][0]
    assert (trial["rate"], trial["seed"], trial["seconds"]) == (1e-3, 7, 9.0)
    assert trial["command"] == "needloop bench adaptation --data DATA --only peer-sweep-banking77"
    assert len(list((bench.work / "sweeps").glob("*.json"))) == len(asked)
    list(part(bench))
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("accuracies", "chosen"),
    [((0.915, 0.912, 0.92), 3), ((0.90, 0.92, 0.921), 4), ((0.92, 0.91, 0.90), 3), ((0.80, 0.85, 0.92), 6)],
    ids=["all alike", "the middle as good", "the first best", "only the last"],
)
def test_the_peer_trains_no_longer_than_it_gains_from(accuracies, chosen):
    trials = [
        {"epochs": one, "validation_accuracy": value, "seconds": 9.0}
        for one, value in zip((3, 4, 6), accuracies, strict=True)
    ]
    assert fewest_epochs(trials, 1000)["epochs"] == chosen


@pytest.mark.parametrize("name", sweep.GRIDS)
def test_what_is_committed_is_a_whole_sweep_and_what_it_chose(name):
    found, grid = results_file.read(sweep.COMMITTED)[name], sweep.GRIDS[name]
    by_setting = {(one["rate"], one["epochs"]): one for one in found["trials"]}
    assert sweep.search_grid(grid, lambda one: by_setting[one.rate, one.epochs]) == found["trials"]
    assert fewest_epochs(found["trials"], found["texts"]) == found["chosen"]


@pytest.mark.parametrize(
    ("best", "rates"),
    [(2e-3, [1e-3, 2e-3, 4e-3]), (1e-2, [1e-3, 2e-3, 4e-3, 8e-3, 16e-3]), (4e-4, [1e-3, 2e-3, 4e-3, 5e-4, 25e-5])],
    ids=["within", "above", "below"],
)
def test_a_sweep_goes_on_while_the_best_rate_lies_at_the_edge(bench, monkeypatch, best, rates):
    asked = []
    monkeypatch.setattr(peer, "train", trained_best_at(Setting(best, 3), asked))
    list(sweep_part("banking77", Grid((1e-3, 2e-3, 4e-3), 3))(bench))
    assert [rate for rate, *_ in asked] == rates


def test_a_ratio_runs_the_chosen_setting_beside_ours(bench, small_setups, monkeypatch):
    monkeypatch.setattr(sweep, "load_sweeps", lambda _bench: {"banking77": {"chosen": {"rate": 1e-3, "epochs": 1}}})
    measures = run_adaptation(bench, ["trainer-banking77"]).measures
    assert [one.figure for one in measures][-1] == "Trainer's seconds / ours"
    assert measures[0].recipe == "Trainer, rate 0.001, 1 epochs"
    assert sorted(file.name for file in (bench.work / "runs" / "trainer-banking77").iterdir()) == [
        "quick-banking77-7.json",
        "quick-banking77-8.json",
        "trainer-7.json",
        "trainer-8.json",
    ]
    assert (bench.work / "plots" / "banking77.png").exists()


def test_the_trainer_learns_from_the_texts_that_ours_learns_from(bench, small_setups, monkeypatch):
    learnt, name = [], "quick-banking77"
    monkeypatch.setattr(peer, "train", lambda split, *_, **__: learnt.append(split.train) or [Epoch(9, 0.9, 0.9, 0.9)])
    monkeypatch.setattr(sweep, "load_sweeps", lambda _bench: {"banking77": {"chosen": {"rate": 1e-3, "epochs": 1}}})
    monkeypatch.setitem(SETUPS, name, replace(small_setups[name], seeds=(7,), whole=True))
    run_adaptation(bench, ["trainer-banking77"])
    assert [len(rows.texts) for rows in learnt] == [240]


def test_without_a_sweep_the_ratio_is_skipped(bench, small_setups, monkeypatch):
    monkeypatch.setattr(sweep, "load_sweeps", lambda _bench: {})
    skipped = run_adaptation(bench, ["trainer-banking77"]).skipped["trainer-banking77"]
    assert "--only peer-sweep-banking77" in skipped


@pytest.mark.parametrize(("accuracy", "ratio"), [(0.91, 20.0), (0.9, 20.0), (0.89, 0.0)])
def test_a_ratio_counts_only_at_no_less_accuracy(accuracy, ratio):
    ours = TrainedRun("banking77", "quick", 7, 10.0, accuracy, [], [])
    theirs = PeerRun("banking77", "Trainer", 7, 200.0, 0.9, [], 300.0, [[100.0, 0.8], [200.0, 0.9]])
    *_, found = compare_runs("trainer-banking77", [ours], [theirs], 15.0)
    assert found.value == pytest.approx(ratio)
    assert (found.missing == 0) is (ratio > 0)
