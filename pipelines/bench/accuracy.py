"""Parts that ask how good a kept recipe is: on its test texts, and in how many seconds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sklearn.metrics import f1_score

from pipelines.bench import ours, results_file, seed_means
from pipelines.bench.data import identity, loaded
from pipelines.bench.part import Bench, Measure, Part
from pipelines.bench.recipes import KEPT, Kept
from pipelines.bench.runs import Run, runs
from pipelines.bench.split import Split
from pipelines.evaluation.bootstrap import Interval
from pipelines.kinds.classification.label_baselines import tfidf

Goals = Mapping[str, float]
FIGURES: dict[str, Callable[[Sequence[Run], Split], Interval]] = {
    "accuracy": seed_means.accuracy,
    "macro-F1": seed_means.macro_f1,
    "AUROC": seed_means.auroc,
    "seconds": seed_means.seconds,
}
INSTANT = {
    "instant-banking77": {"accuracy": 0.93, "seconds": 25.0},
    "instant-clinc150": {"accuracy": 0.95, "seconds": 25.0},
}


def on_test_texts(part: str, goals: Goals) -> Part:
    """The part that measures the kept recipe of its name."""

    def measured(bench: Bench) -> Iterator[Measure]:
        found, split = runs(part, KEPT[part], bench)
        return judged(part, found, split, goals)

    return measured


def curve(name: str) -> Part:
    """How a recipe that learns from the validation texts too rises on them where they are spared: for the picture."""

    def measured(bench: Bench) -> Iterator[Measure]:
        kept = replace(KEPT[name], whole=False)
        key = [name, kept.identity(), identity(kept.data, bench.data)]
        file = bench.work / "runs" / f"curve-{name}" / f"{name}.json"
        found = results_file.remembered(bench, file, key, partial(_risen, kept, bench))
        seconds, last = found["points"][-1]
        note = f"seed {kept.seeds[0]}, not learnt from: {len(loaded(kept.data, bench.data).validation.texts)} texts"
        yield Measure(f"curve-{name}", name, "validation accuracy", last, seconds=seconds, note=note)

    return measured


def _risen(kept: Kept, bench: Bench) -> dict[str, object]:
    """The points of one training; no test text is asked."""
    found = ours.trained(kept, loaded(kept.data, bench.data), kept.seeds[0], bench)
    line = {"data": kept.data, "recipe": f"{kept.name}, validation spared", "points": found.points}
    return {**line, "seconds": found.seconds, "accuracy": None}


def instant(bench: Bench) -> Iterator[Measure]:
    """Frozen embeddings and a logistic regression: load, tokenise, embed and fit."""
    for name, goals in INSTANT.items():
        found, split = runs("instant", KEPT[name], bench)
        yield from judged("instant", found, split, goals)


def waimai(bench: Bench) -> Iterator[Measure]:
    """Chinese, against TF-IDF over characters with logistic regression on the same texts."""
    found, split = runs("waimai", KEPT["waimai"], bench)
    learnt = split.train + split.validation
    bar = seed_means.macro_f1_of([tfidf(learnt.texts, learnt.labels, split.test.texts)], split)
    yield Measure("waimai", "TF-IDF over characters", "macro-F1", bar.value, low=bar.low, high=bar.high)
    yield from judged("waimai", found, split, {"macro-F1": bar.value})


def judged(part: str, found: Sequence[Run], split: Split, goals: Goals) -> Iterator[Measure]:
    """A measure for each figure that has a goal: the mean over the seeds."""
    for figure, goal in goals.items():
        mean = FIGURES[figure](found, split)
        yield Measure(
            part=part,
            recipe=found[0].recipe,
            figure=figure,
            value=mean.value,
            goal=goal,
            low=mean.low,
            high=mean.high,
            seconds=seed_means.seconds(found, split).value,
            note=seed_means.listed(found, [_one(one, split, figure) for one in found]),
            at_most=figure == "seconds",
        )


def _one(run: Run, split: Split, figure: str) -> float:
    """The figure of one seed; plain, because resampling takes longer."""
    if figure == "macro-F1":
        return float(f1_score(split.test.labels, run.answers, average="macro", zero_division=0.0))
    return {"accuracy": run.accuracy, "AUROC": run.auroc or 0.0, "seconds": run.seconds}[figure]
