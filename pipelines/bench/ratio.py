"""Parts that compare the time of a tuned Trainer with that of a setup, at the accuracy of the Trainer."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from pipelines.bench import peer, results_file, seed_means
from pipelines.bench.data import identity, load_split
from pipelines.bench.part import Bench, BenchMeasure, Part
from pipelines.bench.recipes import SETUPS, Setup
from pipelines.bench.runs import TimedRun, TrainedRun, run
from pipelines.bench.split import Split
from pipelines.bench.sweep import chosen_setting


@dataclass(frozen=True)
class PeerRun(TimedRun):
    """One training of the peer: `seconds` is the first time at which it had its final test accuracy."""

    whole: float  # seconds of all epochs
    tested: list[list[float]]  # `(seconds, test accuracy)` after each


def against_trainer(data: str, goal: float) -> Part:
    """The part of one data set: our quick setup and the peer's chosen setting, seed by seed in turn."""
    part = f"trainer-{data}"

    def measure(bench: Bench) -> Iterator[BenchMeasure]:
        setup, split = SETUPS[f"quick-{data}"], load_split(data, bench.data)
        ours, theirs = [], []
        for seed in setup.seeds:
            theirs.append(_peer(part, setup, split, seed, bench))
            ours.append(run(part, setup, split, seed, bench))
        return compare_runs(part, ours, theirs, goal)

    return measure


def compare_runs(
    part: str, ours: Sequence[TrainedRun], theirs: Sequence[PeerRun], goal: float
) -> Iterator[BenchMeasure]:
    """Both accuracies and times, and their ratio, which counts only if ours is no less accurate."""
    accuracy, peer_accuracy = (seed_means.spread([result.accuracy for result in group]) for group in (ours, theirs))
    seconds, peer_seconds = (seed_means.spread([result.seconds for result in group]) for group in (ours, theirs))
    lead, ratio = accuracy.value - peer_accuracy.value, peer_seconds.value / seconds.value
    recipe, peer_recipe = ours[0].recipe, theirs[0].recipe
    yield BenchMeasure(
        part,
        peer_recipe,
        "accuracy",
        peer_accuracy.value,
        low=peer_accuracy.low,
        high=peer_accuracy.high,
        seconds=peer_seconds.value,
    )
    yield BenchMeasure(
        part,
        recipe,
        "accuracy",
        accuracy.value,
        low=accuracy.low,
        high=accuracy.high,
        seconds=seconds.value,
    )
    yield BenchMeasure(part, recipe, "accuracy over the Trainer's", lead, goal=0.0, seconds=seconds.value)
    note = f"{peer_seconds.value:.1f} s / {seconds.value:.1f} s over {len(ours)} seeds"
    if lead < 0:
        note = f"no ratio at no less accuracy: {-lead:.4f} less; the seconds' own ratio is {ratio:.1f}"
    yield BenchMeasure(part, recipe, "Trainer's seconds / ours", ratio if lead >= 0 else 0.0, goal=goal, note=note)


def _peer(part: str, setup: Setup, split: Split, seed: int, bench: Bench) -> PeerRun:
    setting = chosen_setting(setup.data, bench)
    # Includes our setup: if it changes, both run again, side by side.
    key = [part, asdict(setting), setup.identity(), seed, identity(setup.data, bench.data)]
    file = bench.work / "runs" / part / f"trainer-{seed}.json"

    # Both learn from the same texts; with all of them, no validation texts are left.
    texts = replace(split, train=split.train + split.validation) if setup.whole else split

    def make() -> dict[str, object]:
        epochs = peer.train(texts, setting, setup.base, seed, bench.work / "trainer", bench.progress, test=True)
        scores = [epoch.test or 0.0 for epoch in epochs]
        first = int(np.argmax(np.array(scores) >= scores[-1]))
        points = [] if setup.whole else [[epoch.seconds, epoch.accuracy] for epoch in epochs]
        name = f"Trainer, {setting}"
        seconds = [epoch.seconds for epoch in epochs]
        test_points = [list(pair) for pair in zip(seconds, scores, strict=True)]
        return asdict(PeerRun(setup.data, name, seed, seconds[first], scores[-1], points, seconds[-1], test_points))

    return PeerRun(**results_file.load_or_compute(bench, file, key, make))
