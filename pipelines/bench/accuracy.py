"""Parts that measure the accuracy of a setup on its test texts, and its training time in seconds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sklearn.metrics import f1_score

from pipelines.bench import ours, results_file, seed_means
from pipelines.bench.data import identity, load_split
from pipelines.bench.part import Bench, BenchMeasure, Part
from pipelines.bench.recipes import SETUPS, Setup
from pipelines.bench.runs import TrainedRun, runs
from pipelines.bench.split import Split
from pipelines.kinds.classification.baseline import tfidf
from pipelines.statistics.bootstrap import Interval

Goals = Mapping[str, float]
FIGURES: dict[str, Callable[[Sequence[TrainedRun], Split], Interval]] = {
    "accuracy": seed_means.accuracy,
    "macro-F1": seed_means.macro_f1,
    "AUROC": seed_means.auroc,
    "seconds": seed_means.seconds,
}
INSTANT = {
    "instant-banking77": {"accuracy": 0.93, "seconds": 25.0},
    "instant-clinc150": {"accuracy": 0.95, "seconds": 25.0},
}


def measure_on_test(part: str, goals: Goals) -> Part:
    """The part that measures the setup of the same name."""

    def measure(bench: Bench) -> Iterator[BenchMeasure]:
        results, split = runs(part, SETUPS[part], bench)
        return goal_measures(part, results, split, goals)

    return measure


def curve(name: str) -> Part:
    """The part with the validation accuracy over time of a setup that normally learns from the validation texts too."""

    def measure(bench: Bench) -> Iterator[BenchMeasure]:
        setup = replace(SETUPS[name], whole=False)
        key = [name, setup.identity(), identity(setup.data, bench.data)]
        file = bench.work / "runs" / f"curve-{name}" / f"{name}.json"
        result = results_file.load_or_compute(bench, file, key, partial(_train_curve, setup, bench))
        seconds, accuracy = result["points"][-1]
        note = (
            f"seed {setup.seeds[0]}, not learnt from: {len(load_split(setup.data, bench.data).validation.texts)} texts"
        )
        yield BenchMeasure(f"curve-{name}", name, "validation accuracy", accuracy, seconds=seconds, note=note)

    return measure


def _train_curve(setup: Setup, bench: Bench) -> dict[str, object]:
    """The curve of one training; uses no test text."""
    trained = ours.train(setup, load_split(setup.data, bench.data), setup.seeds[0], bench)
    line = {"data": setup.data, "recipe": f"{setup.name}, validation spared", "points": trained.points}
    return {**line, "seconds": trained.seconds, "accuracy": None}


def instant(bench: Bench) -> Iterator[BenchMeasure]:
    """Frozen embeddings and logistic regression: load, tokenise, embed and fit."""
    for name, goals in INSTANT.items():
        results, split = runs("instant", SETUPS[name], bench)
        yield from goal_measures("instant", results, split, goals)


def waimai(bench: Bench) -> Iterator[BenchMeasure]:
    """Chinese texts, beside TF-IDF over characters with logistic regression on the same texts."""
    results, split = runs("waimai", SETUPS["waimai"], bench)
    train = split.train + split.validation
    baseline = seed_means.macro_f1_of([tfidf(train.texts, train.labels, split.test.texts)], split)
    yield BenchMeasure(
        "waimai", "TF-IDF over characters", "macro-F1", baseline.value, low=baseline.low, high=baseline.high
    )
    yield from goal_measures("waimai", results, split, {"macro-F1": baseline.value})


def goal_measures(part: str, results: Sequence[TrainedRun], split: Split, goals: Goals) -> Iterator[BenchMeasure]:
    """A measure for each figure with a goal: the mean over the seeds."""
    for figure, goal in goals.items():
        mean = FIGURES[figure](results, split)
        yield BenchMeasure(
            part=part,
            recipe=results[0].recipe,
            figure=figure,
            value=mean.value,
            goal=goal,
            low=mean.low,
            high=mean.high,
            seconds=seed_means.seconds(results, split).value,
            note=seed_means.per_seed_note(results, [_seed_figure(result, split, figure) for result in results]),
            at_most=figure == "seconds",
        )


def _seed_figure(run: TrainedRun, split: Split, figure: str) -> float:
    """The figure of one seed, without resampling, which takes longer."""
    if figure == "macro-F1":
        return float(f1_score(split.test.labels, run.answers, average="macro", zero_division=0.0))
    return {"accuracy": run.accuracy, "AUROC": run.auroc or 0.0, "seconds": run.seconds}[figure]
