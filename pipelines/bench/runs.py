"""One setup with one seed: trained once, evaluated once on the test texts, and cached."""

from dataclasses import asdict, dataclass

import numpy as np

from pipelines.bench import ours, results_file, unknown_texts
from pipelines.bench.data import identity, load_split
from pipelines.bench.part import Bench
from pipelines.bench.recipes import Setup
from pipelines.bench.split import Split


@dataclass(frozen=True)
class TimedRun:
    """The result of one training, ours or a peer's; `points` are `(seconds, accuracy)` of its checks."""

    data: str
    recipe: str
    seed: int
    seconds: float
    accuracy: float
    points: list[list[float]]


@dataclass(frozen=True)
class TrainedRun(TimedRun):
    """One training of ours; `points` are on validation texts, `answers` on the test texts."""

    answers: list[str]
    auroc: float | None = None
    score: str = ""  # the score that detects out-of-scope texts


def runs(part: str, setup: Setup, bench: Bench) -> tuple[list[TrainedRun], Split]:
    """A run for each seed of a setup, and its data set."""
    split = load_split(setup.data, bench.data)
    return [run(part, setup, split, seed, bench) for seed in setup.seeds], split


def run(part: str, setup: Setup, split: Split, seed: int, bench: Bench) -> TrainedRun:
    """The run of a setup with one seed, from the cache if it was measured for this part."""
    file = bench.work / "runs" / part / f"{setup.name}-{seed}.json"
    key = [part, setup.identity(), seed, identity(setup.data, bench.data)]
    return TrainedRun(
        **results_file.load_or_compute(bench, file, key, lambda: asdict(_measure(setup, split, seed, bench)))
    )


def _measure(setup: Setup, split: Split, seed: int, bench: Bench) -> TrainedRun:
    trained = ours.train(setup, split, seed, bench)
    logits = trained.logits(split.test.texts)
    answers = [split.labels[index] for index in logits.argmax(1)]
    accuracy = float(np.mean(np.array(answers) == np.array(split.test.labels)))
    points = [list(point) for point in trained.points]
    detection = unknown_texts.detection_auroc(trained, split, logits) if split.outside[1] else (None, "")
    return TrainedRun(setup.data, setup.name, seed, trained.seconds, accuracy, points, answers, *detection)
