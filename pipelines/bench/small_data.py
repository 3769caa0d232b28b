"""Accuracy with few labels: learning curves from 8 texts a label."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.metrics import f1_score

from pipelines.bench.data import load_split
from pipelines.bench.part import Bench, BenchMeasure
from pipelines.bench.recipes import SEEDS, Setup
from pipelines.bench.runs import TrainedRun, run
from pipelines.bench.split import Rows, Split
from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.catalog_file import find
from pipelines.catalog.recipe import Recipe

SIZES = (8, 16, 64)
INTENT = find("intent", {spec.name: spec for spec in BUILT_IN})
RECIPES = {
    "regression": Recipe(epochs=0),
    "declared": INTENT.recipe,
    "contrast": INTENT.recipe.model_copy(update={"contrast": 1, "epochs": 0}),  # then a regression, as in SetFit
}


def learning_curve(
    bench: Bench, sizes: Sequence[int] = SIZES, seeds: Sequence[int] = SEEDS, base: str = "minilm"
) -> Iterator[BenchMeasure]:
    """Macro-F1 on the test texts by the number of texts a label: mean and spread over seeds, which draw the texts.

    It uses BANKING77 if its folder is there, otherwise the bundled intents; a label with fewer texts gives all of them.
    """
    name = "banking77" if bench.data else "intent"
    split = load_split(name, bench.data)
    for size in sizes:
        for method, recipe in RECIPES.items():
            setup = Setup(f"{name}-{size}-{method}", name, recipe, base, seeds=tuple(seeds))
            results = [run("learning-curve", setup, subsample(split, size, seed), seed, bench) for seed in seeds]
            yield _spread(setup.name, size, results, split)


def subsample(split: Split, size: int, seed: int) -> Split:
    """The same test texts, and `size` train texts of each label drawn by the seed; no validation texts."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, label in enumerate(split.train.labels):
        groups[label].append(index)
    draw = random.Random(seed)  # noqa: S311  no secret
    drawn = [draw.sample(group, min(size, len(group))) for _, group in sorted(groups.items())]
    return Split(split.train.select(index for group in drawn for index in group), Rows(), split.test)


def _spread(recipe: str, size: int, results: Sequence[TrainedRun], split: Split) -> BenchMeasure:
    """The mean of the seeds; their spread is in the note, because three values make no interval."""
    scores = [
        float(f1_score(split.test.labels, result.answers, average="macro", zero_division=0.0)) for result in results
    ]
    spread = f"{min(scores):.4f} to {max(scores):.4f}, standard deviation {np.std(scores, ddof=len(scores) > 1):.4f}"
    note = f"{spread} over seeds {', '.join(str(result.seed) for result in results)}"
    accuracy = f"accuracy {np.mean([result.accuracy for result in results]):.4f}"
    return BenchMeasure(
        part="learning-curve",
        recipe=recipe,
        figure=f"macro-F1 from {size} a label",
        value=float(np.mean(scores)),
        seconds=float(np.mean([result.seconds for result in results])),
        note=f"{note}; {accuracy}",
    )
