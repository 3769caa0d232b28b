import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from flows.commands.app import app
from pipelines.bench import ours, parts
from pipelines.bench.accuracy import measure_on_test
from pipelines.bench.adaptation import run_adaptation
from pipelines.bench.data import load_split
from pipelines.bench.ours import TrainedModel
from pipelines.bench.part import BenchMeasure
from pipelines.bench.parts import PARTS, UnknownPart, select_parts
from pipelines.bench.recipes import SETUPS
from pipelines.bench.table import verdict


@pytest.fixture
def trainings(monkeypatch):
    """Recipe and seed of every training, in order."""
    found, real = [], ours.train

    def trained(small_setups, split, seed, bench):
        found.append((small_setups.name, seed))
        return real(small_setups, split, seed, bench)

    monkeypatch.setattr(ours, "train", trained)
    return found


def test_a_part_leaves_a_table_a_json_file_and_a_picture_and_names_the_machine(bench, small_setups):
    results = run_adaptation(bench, ["banking77"])
    (one,) = results.measures
    assert 0.34 < one.low <= one.value <= one.high <= 1
    assert one.goal == 0.945
    assert "seeds 7, 8:" in one.note
    assert one.seconds > 0
    written = json.loads((bench.work / "results.json").read_text())
    assert written["measures"][0]["value"] == one.value
    assert written["measures"][0]["missing"] == max(0.0, 0.945 - one.value)
    assert "torch" in written["machine"]
    assert "cores" in written["machine"]
    text = (bench.work / "results.md").read_text()
    assert written["machine"] in text
    assert f"| banking77 | banking77 | accuracy | {one.value:.4f} [" in text
    assert (bench.work / "plots" / "banking77.png").stat().st_size > 5000
    run = json.loads((bench.work / "runs" / "banking77" / "banking77-7.json").read_text())["value"]
    seconds = [second for second, _ in run["points"]]
    assert len(seconds) == 3  # before the first epoch and after each
    assert seconds == sorted(seconds)
    assert 0 < seconds[0] < seconds[-1] <= run["seconds"]


def test_what_is_finished_is_not_measured_again(bench, small_setups, trainings, monkeypatch):
    one = replace(small_setups["banking77"], seeds=(7,))
    monkeypatch.setitem(SETUPS, "banking77", one)
    first = run_adaptation(bench, ["banking77"])
    assert trainings == [("banking77", 7)]
    assert run_adaptation(bench, ["banking77"]) == first
    assert len(trainings) == 1
    run_adaptation(replace(bench, fresh=True), ["banking77"])
    assert len(trainings) == 2
    changed = one.recipe.model_copy(update={"epochs": 1})
    monkeypatch.setitem(SETUPS, "banking77", replace(one, recipe=changed))
    run_adaptation(bench, ["banking77"])
    assert len(trainings) == 3


def test_a_stopped_part_goes_on_with_the_seed_it_was_at(bench, small_setups, trainings, monkeypatch):
    counted = ours.train

    def stopped(small_setups, split, seed, bench):
        if seed == 8:
            raise KeyboardInterrupt
        return counted(small_setups, split, seed, bench)

    with monkeypatch.context() as patch:
        patch.setattr(ours, "train", stopped)
        with pytest.raises(KeyboardInterrupt):
            run_adaptation(bench, ["banking77"])
    run_adaptation(bench, ["banking77"])
    assert trainings == [("banking77", 7), ("banking77", 8)]


def test_the_test_texts_are_asked_once_for_each_training(bench, small_setups, monkeypatch):
    asked, real, test = [], TrainedModel.logits, load_split("clinc150", bench.data).test.texts
    monkeypatch.setattr(TrainedModel, "logits", lambda self, texts: (asked.append(texts), real(self, texts))[1])
    results = run_adaptation(bench, ["clinc150"])
    run_adaptation(bench, ["clinc150"])
    assert asked.count(test) == 2  # two seeds
    assert [one.figure for one in results.measures] == ["accuracy", "AUROC"]
    assert 0 <= results.measures[1].value <= 1
    assert "seeds 7, 8" in results.measures[1].note


def test_one_part_by_name_keeps_what_the_others_found(bench, small_setups, monkeypatch):
    monkeypatch.setitem(SETUPS, "banking77", replace(small_setups["banking77"], seeds=(7,)))
    run_adaptation(bench, ["banking77"])
    results = run_adaptation(bench, ["instant"])
    assert {one.part for one in results.measures} == {"instant"}
    assert {(one.recipe, one.figure) for one in results.measures} >= {("instant-clinc150", "seconds")}
    written = json.loads((bench.work / "results.json").read_text())
    assert {one["part"] for one in written["measures"]} == {"banking77", "instant"}
    with pytest.raises(UnknownPart, match="choose from banking77, clinc150"):
        run_adaptation(bench, ["banking"])


def test_a_learning_curve_is_another_with_and_without_the_folder(bench):
    entry = PARTS["learning-curve"]
    assert entry.sets(bench) == ("banking77",)
    assert entry.sets(replace(bench, data=None)) == ("intent",)
    assert entry.key(bench) != entry.key(replace(bench, data=None))


def test_sweeps_run_only_by_name():
    assert not any(name.startswith("peer-sweep") for name in select_parts([]))
    assert select_parts(["peer-sweep-airline"]) == ["peer-sweep-airline"]
    assert {name for name in PARTS if name.startswith("peer-sweep")} == {"peer-sweep-banking77", "peer-sweep-airline"}


def test_without_its_folder_a_part_is_skipped_and_says_so(bench, messages):
    results = run_adaptation(replace(bench, data=None), ["banking77", "sst2"])
    assert not results.measures
    assert set(results.skipped) == {"banking77", "sst2"}
    assert messages == [f"skipped {part}: {reason}" for part, reason in results.skipped.items()]
    assert "needs --data FOLDER" in (bench.work / "results.md").read_text()


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (BenchMeasure("p", "r", "accuracy", 0.9412, goal=0.945), "missed by 0.0038"),
        (BenchMeasure("p", "r", "accuracy", 0.945, goal=0.945), "reached"),
        (BenchMeasure("p", "r", "seconds", 31.5, goal=25.0, at_most=True), "missed by 6.5"),
        (BenchMeasure("p", "r", "seconds", 21.5, goal=25.0, at_most=True), "reached"),
        (BenchMeasure("p", "r", "accuracy", 0.9), ""),
    ],
)
def test_a_missed_goal_says_by_how_much(measure, expected):
    assert verdict(measure) == expected


def test_chinese_is_measured_against_characters(bench, small_setups):
    baseline, own = run_adaptation(bench, ["waimai"]).measures
    assert "TF-IDF" in baseline.recipe
    assert own.goal == baseline.value


def test_the_command_skips_in_one_line_and_answers_json(bench, settings):
    done = CliRunner().invoke(app, ["bench", "adaptation", "--only", "banking77", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["skipped"].keys() == {"banking77"}
    assert "skipped banking77: banking77 needs --data FOLDER" in " ".join(done.stderr.split())
    assert (settings.home / "bench" / "adaptation" / "results.json").exists()


def test_the_command_prints_the_table(bench, small_setups, monkeypatch):
    monkeypatch.setitem(PARTS, "sst2", parts.PartEntry(measure_on_test("sst2", {"accuracy": 1.1}), ("sst2",)))
    done = CliRunner().invoke(
        app, ["bench", "adaptation", "--only", "sst2", "--data", str(bench.data)], env={"COLUMNS": "200"}
    )
    assert done.exit_code == 0, done.output
    assert "missed by" in done.stdout
