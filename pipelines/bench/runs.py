"""One recipe, one seed: trained once, asked once for the test texts, and remembered."""

from dataclasses import asdict, dataclass

import numpy as np

from pipelines.bench import ours, results_file, unknown_texts
from pipelines.bench.data import identity, loaded
from pipelines.bench.part import Bench
from pipelines.bench.recipes import Kept
from pipelines.bench.split import Split


@dataclass(frozen=True)
class Timed:
    """What one training came to, ours or a peer's; `points` are `(seconds, accuracy)` on the way."""

    data: str
    recipe: str
    seed: int
    seconds: float
    accuracy: float
    points: list[list[float]]


@dataclass(frozen=True)
class Run(Timed):
    """One training of ours; `points` are on validation texts, `answers` those to the test texts."""

    answers: list[str]
    auroc: float | None = None
    score: str = ""  # by which texts outside of all labels were told


def runs(part: str, kept: Kept, bench: Bench) -> tuple[list[Run], Split]:
    """A run for each seed of a recipe, and the data set they were judged on."""
    split = loaded(kept.data, bench.data)
    return [run(part, kept, split, seed, bench) for seed in kept.seeds], split


def run(part: str, kept: Kept, split: Split, seed: int, bench: Bench) -> Run:
    """The run of a recipe with one seed, from memory where it was measured for this part."""
    file = bench.work / "runs" / part / f"{kept.name}-{seed}.json"
    key = [part, kept.identity(), seed, identity(kept.data, bench.data)]
    return Run(**results_file.remembered(bench, file, key, lambda: asdict(_measured(kept, split, seed, bench))))


def _measured(kept: Kept, split: Split, seed: int, bench: Bench) -> Run:
    trained = ours.trained(kept, split, seed, bench)
    logits = trained.logits(split.test.texts)
    answers = [split.labels[index] for index in logits.argmax(1)]
    accuracy = float(np.mean(np.array(answers) == np.array(split.test.labels)))
    points = [list(point) for point in trained.points]
    told = unknown_texts.told(trained, split, logits) if split.outside[1] else (None, "")
    return Run(kept.data, kept.name, seed, trained.seconds, accuracy, points, answers, *told)
