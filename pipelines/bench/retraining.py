"""What learning again from feedback costs and gives, beside training from scratch on the same texts."""

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from pipelines.bench import ours, results_file, seed_means
from pipelines.bench.data import identity, loaded
from pipelines.bench.ours import Trained
from pipelines.bench.part import Bench, Measure
from pipelines.bench.recipes import KEPT, Kept
from pipelines.bench.split import Rows, Split
from pipelines.training.adapters.attaching import merged
from pipelines.training.export.saving import save

PART = "retraining"
FEEDBACK = 1000
SHARE, DIFFERENCE = 0.25, 0.002


@dataclass(frozen=True)
class Told:
    """A data set before its feedback came, and the feedback."""

    before: Split
    feedback: Rows


def retraining(bench: Bench) -> Iterator[Measure]:
    """A champion that has not seen 1,000 of the train texts learns them again; another learns everything at once."""
    kept = KEPT[PART]
    split = loaded(kept.data, bench.data)
    found = []
    for seed in kept.seeds:
        key = [PART, FEEDBACK, kept.identity(), seed, identity(kept.data, bench.data)]
        file = bench.work / "runs" / PART / f"pair-{seed}.json"
        found.append(results_file.remembered(bench, file, key, partial(pair, kept, split, seed, bench)))
    yield from _measures(kept, found)


def pair(kept: Kept, split: Split, seed: int, bench: Bench) -> dict[str, float]:
    """Seconds and test accuracy of both ways, and of the champion before."""
    told = held_back(split, FEEDBACK, seed)
    champion = ours.trained(kept, told.before, seed, bench)
    with tempfile.TemporaryDirectory() as folder:
        save([merged(net.model.cpu()) for net in champion.learnt.nets], champion.learnt.tokenizer, Path(folder))
        again = ours.again(kept, told.before, told.feedback, Path(folder), seed, bench)
    scratch = ours.trained(kept, split, seed, bench)
    return {
        "before": _accuracy(champion, split),
        "again": _accuracy(again, split),
        "again_seconds": again.seconds,
        "scratch": _accuracy(scratch, split),
        "scratch_seconds": scratch.seconds,
    }


def held_back(split: Split, count: int, seed: int) -> Told:
    """So many train texts, drawn by the seed, come later as feedback."""
    drawn = set(random.Random(seed).sample(range(len(split.train.texts)), count))  # noqa: S311  no secret
    sides: tuple[list[int], list[int]] = ([], [])
    for index in range(len(split.train.texts)):
        sides[index in drawn].append(index)
    return Told(replace(split, train=split.train.chosen(sides[False])), split.train.chosen(sides[True]))


def _accuracy(trained: Trained, split: Split) -> float:
    return float(np.mean(np.array(trained.answers(split.test.texts)) == np.array(split.test.labels)))


def _measures(kept: Kept, found: list[dict[str, float]]) -> Iterator[Measure]:
    share = seed_means.spread([one["again_seconds"] / one["scratch_seconds"] for one in found])
    less = seed_means.spread([one["scratch"] - one["again"] for one in found])
    mean = {name: float(np.mean([one[name] for one in found])) for name in found[0]}
    seconds = f"{mean['again_seconds']:.1f} s / {mean['scratch_seconds']:.1f} s"
    accuracies = f"before {mean['before']:.4f}, again {mean['again']:.4f}, from scratch {mean['scratch']:.4f}"
    for figure, value, goal, note in (
        ("share of the time from scratch", share, SHARE, seconds),
        ("accuracy less than from scratch", less, DIFFERENCE, accuracies),
    ):
        yield Measure(
            part=PART,
            recipe=kept.name,
            figure=figure,
            value=value.value,
            goal=goal,
            low=value.low,
            high=value.high,
            seconds=mean["again_seconds"],
            note=f"{note}; learning alone, without packaging; {len(found)} seeds, from least to most",
            at_most=True,
        )
