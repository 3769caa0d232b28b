"""Tuning of the peer: a sweep of its rates and epochs on validation texts, with a record of every trial."""

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.bench import peer, results_file
from pipelines.bench.data import SETS, identity, load_split
from pipelines.bench.machine import machine, timestamp
from pipelines.bench.part import Bench, BenchMeasure, Part
from pipelines.bench.peer_trainer import Setting
from pipelines.bench.split import Split

SEED = 7
BASE = "minilm"
COMMITTED = Path(__file__).parent / "sweeps.json"
Sweep = dict[str, Any]
Trial = Callable[[Setting], dict[str, Any]]


@dataclass(frozen=True)
class Grid:
    """Rates at a number of epochs, extended while the best is at an edge; then `others` epochs at the best rate."""

    rates: tuple[float, ...]
    epochs: int
    others: tuple[int, ...] = ()


GRIDS = {
    "banking77": Grid((2e-4, 4e-4, 8e-4), 4, (3, 6)),
    "airline": Grid((1e-4, 2e-4, 4e-4), 3, (2,)),
}


class NoSweep(LookupError):
    """The peer was never tuned on this data set."""


def sweep_part(name: str, grid: Grid, base: str = BASE) -> Part:
    """The part that tunes the peer on one data set."""

    def measure(bench: Bench) -> Iterator[BenchMeasure]:
        split = load_split(name, bench.data)

        def trial(setting: Setting) -> dict[str, Any]:
            make = partial(_trial, name, split, setting, base, bench)
            key = ["sweep", asdict(setting), SEED, base, identity(name, bench.data)]
            file = bench.work / "sweeps" / f"{name}-{setting.rate:g}-{setting.epochs}.json"
            return dict(results_file.load_or_compute(bench, file, key, make))

        trials = search_grid(grid, trial)
        texts = len(split.validation.texts)
        best = fewest_epochs(trials, texts)
        sweep = {"base": base, "texts": texts, "trials": trials, "chosen": best}
        file = results_file.write(bench.work / "sweeps.json", load_sweeps(bench) | {name: sweep})
        bench.say(f"to publish the settings of {name}: cp {file} pipelines/bench/sweeps.json")
        yield _measure(name, best)

    return measure


def search_grid(grid: Grid, trial: Trial) -> list[dict[str, Any]]:
    """Every trial of the search, in order."""
    trials = [trial(Setting(rate, grid.epochs)) for rate in grid.rates]
    while (rate := _beyond(trials)) is not None:
        trials.append(trial(Setting(rate, grid.epochs)))
    rate = _best(trials)["rate"]
    return trials + [trial(Setting(rate, epochs)) for epochs in grid.others]


def _beyond(trials: list[dict[str, Any]]) -> float | None:
    """The next rate beyond the edge if the best of several is there, otherwise None."""
    rates, best = [trial["rate"] for trial in trials], _best(trials)["rate"]
    if len(rates) == 1 or min(rates) < best < max(rates):
        return None
    return float(best * 2 if best == max(rates) else best / 2)


def chosen_setting(name: str, bench: Bench) -> Setting:
    """The setting chosen on validation texts: swept here, or committed. Raises NoSweep."""
    try:
        best = load_sweeps(bench)[name]["chosen"]
    except KeyError:
        raise NoSweep(
            f"the Trainer has not been tuned on {name}; run: needloop bench adaptation --only peer-sweep-{name}"
        ) from None
    return Setting(best["rate"], best["epochs"])


def load_sweeps(bench: Bench) -> dict[str, Sweep]:
    """Sweeps by data set: the committed ones, replaced by those of this folder."""
    return (results_file.read(COMMITTED) or {}) | (results_file.read(bench.work / "sweeps.json") or {})


def _trial(name: str, split: Split, setting: Setting, base: str, bench: Bench) -> dict[str, Any]:
    epochs = peer.train(split, setting, base, SEED, bench.work / "trainer", bench.progress, test=False)
    data_option = " --data DATA" if SETS[name][1] else ""
    return asdict(setting) | {
        "seed": SEED,
        "validation_accuracy": epochs[-1].accuracy,
        "validation_macro_f1": epochs[-1].macro_f1,
        "seconds": epochs[-1].seconds,
        "epoch_ends": [[epoch.seconds, epoch.accuracy] for epoch in epochs],
        "command": f"needloop bench adaptation{data_option} --only peer-sweep-{name}",
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "machine": str(machine()),
        "measured": timestamp(),
    }


def _best(trials: list[dict[str, Any]]) -> dict[str, Any]:
    """The most accurate on validation texts; the fastest of equals."""
    return max(trials, key=lambda trial: (trial["validation_accuracy"], -trial["seconds"]))


def fewest_epochs(trials: list[dict[str, Any]], texts: int) -> dict[str, Any]:
    """The trial of fewest epochs within a standard error of the best accuracy on `texts` validation texts.

    More epochs without a measurable gain would flatter Needloop. Of equals it is the most accurate.
    """
    best = _best(trials)["validation_accuracy"]
    error = (best * (1 - best) / texts) ** 0.5
    close = [trial for trial in trials if trial["validation_accuracy"] >= best - error]
    return min(close, key=lambda trial: (trial["epochs"], -trial["validation_accuracy"]))


def _measure(name: str, best: dict[str, Any]) -> BenchMeasure:
    return BenchMeasure(
        part=f"peer-sweep-{name}",
        recipe=f"Trainer, {Setting(best['rate'], best['epochs'])}",
        figure="validation accuracy",
        value=best["validation_accuracy"],
        seconds=best["seconds"],
        seed=best["seed"],
        note="the fewest epochs within a standard error of the best",
    )
