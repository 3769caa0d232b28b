"""Time and accuracy of retraining from feedback, beside training from scratch on the same texts."""

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from pipelines.bench import ours, results_file, seed_means
from pipelines.bench.data import identity, load_split
from pipelines.bench.ours import TrainedModel
from pipelines.bench.part import Bench, BenchMeasure
from pipelines.bench.recipes import SETUPS, Setup
from pipelines.bench.split import Rows, Split
from pipelines.training.adapters.attaching import merge_adapters
from pipelines.training.export.saving import save

PART = "retraining"
FEEDBACK = 1000
SHARE, DIFFERENCE = 0.25, 0.002


@dataclass(frozen=True)
class FeedbackSplit:
    """A data set before its feedback, and the feedback."""

    before: Split
    feedback: Rows


def retraining(bench: Bench) -> Iterator[BenchMeasure]:
    """Retrain a champion on 1,000 withheld train texts; train another network on all texts at once."""
    setup = SETUPS[PART]
    split = load_split(setup.data, bench.data)
    results = []
    for seed in setup.seeds:
        key = [PART, FEEDBACK, setup.identity(), seed, identity(setup.data, bench.data)]
        file = bench.work / "runs" / PART / f"pair-{seed}.json"
        results.append(results_file.load_or_compute(bench, file, key, partial(measure_both, setup, split, seed, bench)))
    yield from _measures(setup, results)


def measure_both(setup: Setup, split: Split, seed: int, bench: Bench) -> dict[str, float]:
    """Seconds and test accuracy of both ways, and the accuracy of the champion before."""
    parts = hold_back(split, FEEDBACK, seed)
    champion = ours.train(setup, parts.before, seed, bench)
    with tempfile.TemporaryDirectory() as folder:
        save([merge_adapters(net.model.cpu()) for net in champion.learnt.nets], champion.learnt.tokenizer, Path(folder))
        retrained = ours.retrain(setup, parts.before, parts.feedback, Path(folder), seed, bench)
    scratch = ours.train(setup, split, seed, bench)
    return {
        "before": _accuracy(champion, split),
        "again": _accuracy(retrained, split),
        "again_seconds": retrained.seconds,
        "scratch": _accuracy(scratch, split),
        "scratch_seconds": scratch.seconds,
    }


def hold_back(split: Split, count: int, seed: int) -> FeedbackSplit:
    """Withhold `count` train texts, drawn by the seed, as later feedback."""
    drawn = set(random.Random(seed).sample(range(len(split.train.texts)), count))  # noqa: S311  no secret
    sides: tuple[list[int], list[int]] = ([], [])
    for index in range(len(split.train.texts)):
        sides[index in drawn].append(index)
    return FeedbackSplit(replace(split, train=split.train.select(sides[False])), split.train.select(sides[True]))


def _accuracy(trained: TrainedModel, split: Split) -> float:
    return float(np.mean(np.array(trained.answers(split.test.texts)) == np.array(split.test.labels)))


def _measures(setup: Setup, results: list[dict[str, float]]) -> Iterator[BenchMeasure]:
    share = seed_means.spread([result["again_seconds"] / result["scratch_seconds"] for result in results])
    loss = seed_means.spread([result["scratch"] - result["again"] for result in results])
    mean = {name: float(np.mean([result[name] for result in results])) for name in results[0]}
    seconds = f"{mean['again_seconds']:.1f} s / {mean['scratch_seconds']:.1f} s"
    accuracies = f"before {mean['before']:.4f}, again {mean['again']:.4f}, from scratch {mean['scratch']:.4f}"
    for figure, value, goal, note in (
        ("share of the time from scratch", share, SHARE, seconds),
        ("accuracy less than from scratch", loss, DIFFERENCE, accuracies),
    ):
        yield BenchMeasure(
            part=PART,
            recipe=setup.name,
            figure=figure,
            value=value.value,
            goal=goal,
            low=value.low,
            high=value.high,
            seconds=mean["again_seconds"],
            note=f"{note}; learning alone, without packaging; {len(results)} seeds, from least to most",
            at_most=True,
        )
