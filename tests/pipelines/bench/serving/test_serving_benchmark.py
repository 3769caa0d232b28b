import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from pipelines.bench.part import Bench
from pipelines.bench.serving import serving_benchmark
from pipelines.bench.serving.contest import Contest, ContestantResults
from pipelines.bench.serving.exported import export_int8
from pipelines.bench.serving.field import ChampionMissing
from pipelines.bench.serving.latency_plot import plot_latency
from pipelines.bench.serving.limit import batched, best, single
from pipelines.bench.serving.load import Load
from pipelines.bench.serving.peers.bare import Bare
from pipelines.bench.serving.rising_load import Step
from pipelines.workspace.settings import Settings
from tests.pipelines.serving.conftest import write_package

TEXTS = [f"so {word}" for word in ("bad", "good", "so")] * 12


def load(rate, p99=5.0, refused=0):
    return Load(1.0, rate, refused, 0, 0, 0, p50=1.0, p99=p99)


def results(*rates, p99=5.0):
    loads = [load(rate, p99) for rate in rates]
    return ContestantResults(1.5, 100.0, {1: loads, 16: loads, 64: loads}, loads)


@pytest.fixture
def peers():
    return {"Needloop": results(300, 450, 600), **{name: results(100, 150, 300) for name in serving_benchmark.GOALS}}


def test_ours_is_compared_with_each_peer_round_by_round(peers):
    found = list(serving_benchmark.peer_ratios(peers))
    assert {(one.recipe, one.value, one.low, one.high) for one in found} == {
        (name, 3.0, 2.0, 3.0) for name in serving_benchmark.GOALS
    }
    assert {one.recipe for one in found if not one.missing} == {"LitServe + int8", "FastAPI + int8"}


def test_goals_are_for_ours_alone(peers):
    ours = list(serving_benchmark.contestant_measures("Needloop", peers["Needloop"]))
    others = list(serving_benchmark.contestant_measures("FastAPI + int8", peers["FastAPI + int8"]))
    assert {one.figure for one in ours if one.goal} == {
        "p99 ms, 1 connection",
        "p99 ms, 64 connections",
        "seconds to the first answer",
        "MB under load",
    }
    assert not any(one.goal for one in others)


def test_batches_are_compared_with_the_model_alone_in_the_same_round(peers):
    found = serving_benchmark.limit_ratio(Contest(peers, [32 * 400.0, 32 * 500.0, 32 * 600.0], []), "by 4")
    assert (found.value, found.low, found.high) == (0.9, 0.75, 1.0)
    assert not found.missing


def test_beyond_the_capacity_the_best_of_all_steps_is_the_measure(tmp_path):
    one, other = [load(400), load(200), load(300)], [load(300, refused=500), load(190), load(330, refused=1)]
    steps = [Step(1.0, one, [5.0, 9.0], [], 90.0), Step(2.0, other, [5.0], [2.0, 30.0], 95.0)]
    *measures, ratio = serving_benchmark.overload_measures(Contest({}, [], steps))
    _first, last = (found for found in measures if found.figure == "answers/s")
    assert (last.value, last.low, last.high) == (300, 190, 330)
    assert last.note.startswith("501 refused, 0 timed out, 0 broken")
    assert (ratio.value, ratio.low, ratio.high, ratio.goal) == (0.95, 0.75, 1.0, 0.9)
    plot_latency(steps, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 5000


def test_what_people_would_export_answers_texts_as_our_package_does(tmp_path):
    package = write_package(tmp_path / "package")
    sizes = {"vocab_size": 5, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    network = BertForSequenceClassification(BertConfig(**sizes, intermediate_size=8, num_labels=3))
    network.save_pretrained(tmp_path / "checkpoint")
    plain = export_int8(tmp_path / "checkpoint", package, tmp_path / "plain")
    answers = Bare(plain)(["so good", "bad"])
    ids, seen = torch.tensor([[2, 3], [1, 0]]), torch.tensor([[1, 1], [1, 0]])
    wanted = network.eval()(ids, seen).logits.softmax(1).max(1).values.tolist()
    assert [one["score"] for one in answers] == pytest.approx(wanted, abs=0.02)
    assert export_int8(tmp_path / "nowhere", package, plain) == plain, "it is exported once"


def test_without_a_champion_nothing_is_measured(tmp_path):
    with pytest.raises(ChampionMissing, match="needloop run"):
        serving_benchmark.run_serving_benchmark(Bench(None, tmp_path, print), Settings(_env_file=None, home=tmp_path))


def test_the_model_alone_is_asked_in_every_way(tmp_path):
    package = write_package(tmp_path / "package")
    ways = {**single(package, package, TEXTS, 2), **batched(package, TEXTS, 8, 2)}
    assert len(ways) == 5 + 6
    assert all(10 < rate() < 1e6 for rate in ways.values())


def test_of_each_way_the_best_round_counts():
    ways = {"one": iter([1.0, 3.0]).__next__, "other": iter([5.0, 2.0]).__next__}
    assert best(ways) == {"one": 3.0, "other": 5.0}
