"""Parts that ask how long a tuned Trainer takes to an accuracy that a kept recipe has sooner; both run here."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from pipelines.bench import peer, results_file, seed_means
from pipelines.bench.data import identity, loaded
from pipelines.bench.part import Bench, Measure, Part
from pipelines.bench.recipes import KEPT, Kept
from pipelines.bench.runs import Run, Timed, run
from pipelines.bench.split import Split
from pipelines.bench.sweep import chosen


@dataclass(frozen=True)
class PeerRun(Timed):
    """One training of the peer: `seconds` is when its test accuracy first was what it ended with."""

    whole: float  # seconds of all epochs
    tested: list[list[float]]  # `(seconds, test accuracy)` after each


def against_trainer(data: str, goal: float) -> Part:
    """The part of one data set: our quick recipe and the chosen setting of the peer, seed by seed in turn."""
    part = f"trainer-{data}"

    def measured(bench: Bench) -> Iterator[Measure]:
        kept, split = KEPT[f"quick-{data}"], loaded(data, bench.data)
        ours, theirs = [], []
        for seed in kept.seeds:
            theirs.append(_peer(part, kept, split, seed, bench))
            ours.append(run(part, kept, split, seed, bench))
        return compared(part, ours, theirs, goal)

    return measured


def compared(part: str, ours: Sequence[Run], theirs: Sequence[PeerRun], goal: float) -> Iterator[Measure]:
    """Both accuracies and times, and the ratio, which counts only where ours is no less accurate."""
    own, their = (seed_means.spread([one.accuracy for one in found]) for found in (ours, theirs))
    took, longer = (seed_means.spread([one.seconds for one in found]) for found in (ours, theirs))
    lead, ratio = own.value - their.value, longer.value / took.value
    recipe, other = ours[0].recipe, theirs[0].recipe
    yield Measure(part, other, "accuracy", their.value, low=their.low, high=their.high, seconds=longer.value)
    yield Measure(part, recipe, "accuracy", own.value, low=own.low, high=own.high, seconds=took.value)
    yield Measure(part, recipe, "accuracy over the Trainer's", lead, goal=0.0, seconds=took.value)
    note = f"{longer.value:.1f} s / {took.value:.1f} s over {len(ours)} seeds"
    if lead < 0:
        note = f"no ratio at no less accuracy: {-lead:.4f} less; the seconds' own ratio is {ratio:.1f}"
    yield Measure(part, recipe, "Trainer's seconds / ours", ratio if lead >= 0 else 0.0, goal=goal, note=note)


def _peer(part: str, kept: Kept, split: Split, seed: int, bench: Bench) -> PeerRun:
    setting = chosen(kept.data, bench)
    # Of our recipe too: where that changes both run again, beside each other.
    key = [part, asdict(setting), kept.identity(), seed, identity(kept.data, bench.data)]
    file = bench.work / "runs" / part / f"trainer-{seed}.json"

    # Both learn from the same texts; where those are all, nothing is left to check on.
    lesson = replace(split, train=split.train + split.validation) if kept.whole else split

    def make() -> dict[str, object]:
        epochs = peer.trained(lesson, setting, kept.base, seed, bench.work / "trainer", bench.progress, test=True)
        scores = [one.test or 0.0 for one in epochs]
        first = int(np.argmax(np.array(scores) >= scores[-1]))
        points = [] if kept.whole else [[one.seconds, one.accuracy] for one in epochs]
        name = f"Trainer, {setting}"
        seconds = [one.seconds for one in epochs]
        tested = [list(pair) for pair in zip(seconds, scores, strict=True)]
        return asdict(PeerRun(kept.data, name, seed, seconds[first], scores[-1], points, seconds[-1], tested))

    return PeerRun(**results_file.remembered(bench, file, key, make))
