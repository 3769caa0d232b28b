"""The peer is tuned: a sweep of its rates and epochs on validation texts, every trial recorded."""

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.bench import peer, results_file
from pipelines.bench.data import SETS, identity, loaded
from pipelines.bench.machine import machine, now
from pipelines.bench.part import Bench, Measure, Part
from pipelines.bench.peer import Setting
from pipelines.bench.split import Split

SEED = 7
BASE = "minilm"
COMMITTED = Path(__file__).parent / "sweeps.json"
Sweep = dict[str, Any]
Trial = Callable[[Setting], dict[str, Any]]


@dataclass(frozen=True)
class Grid:
    """Rates at so many epochs, further out while the best is at an edge; then the other epochs at the best rate."""

    rates: tuple[float, ...]
    epochs: int
    others: tuple[int, ...] = ()


GRIDS = {
    "banking77": Grid((2e-4, 4e-4, 8e-4), 4, (3, 6)),
    "airline": Grid((1e-4, 2e-4, 4e-4), 3, (2,)),
}


class NoSweep(LookupError):
    """A peer that was never tuned on a data set."""


def swept(name: str, grid: Grid, base: str = BASE) -> Part:
    """The part that tunes the peer on one data set."""

    def measured(bench: Bench) -> Iterator[Measure]:
        split = loaded(name, bench.data)

        def trial(setting: Setting) -> dict[str, Any]:
            make = partial(_trial, name, split, setting, base, bench)
            key = ["sweep", asdict(setting), SEED, base, identity(name, bench.data)]
            file = bench.work / "sweeps" / f"{name}-{setting.rate:g}-{setting.epochs}.json"
            return dict(results_file.remembered(bench, file, key, make))

        trials = searched(grid, trial)
        texts = len(split.validation.texts)
        best = quickest(trials, texts)
        sweep = {"base": base, "texts": texts, "trials": trials, "chosen": best}
        file = results_file.write(bench.work / "sweeps.json", known(bench) | {name: sweep})
        bench.say(f"to publish the settings of {name}: cp {file} pipelines/bench/sweeps.json")
        yield _measure(name, best)

    return measured


def searched(grid: Grid, trial: Trial) -> list[dict[str, Any]]:
    """Every trial of the search, in order."""
    trials = [trial(Setting(rate, grid.epochs)) for rate in grid.rates]
    while (rate := _beyond(trials)) is not None:
        trials.append(trial(Setting(rate, grid.epochs)))
    rate = _best(trials)["rate"]
    return trials + [trial(Setting(rate, epochs)) for epochs in grid.others]


def _beyond(trials: list[dict[str, Any]]) -> float | None:
    """The rate beyond the edge where the best of several lies; none where it lies within."""
    rates, best = [one["rate"] for one in trials], _best(trials)["rate"]
    if len(rates) == 1 or min(rates) < best < max(rates):
        return None
    return float(best * 2 if best == max(rates) else best / 2)


def chosen(name: str, bench: Bench) -> Setting:
    """The setting that was chosen on validation texts: as swept here, or as committed. Raises NoSweep."""
    try:
        best = known(bench)[name]["chosen"]
    except KeyError:
        raise NoSweep(
            f"the Trainer has not been tuned on {name}; run: needloop bench adaptation --only peer-sweep-{name}"
        ) from None
    return Setting(best["rate"], best["epochs"])


def known(bench: Bench) -> dict[str, Sweep]:
    """Sweeps by data set: those committed, and over them those of this folder."""
    return (results_file.read(COMMITTED) or {}) | (results_file.read(bench.work / "sweeps.json") or {})


def _trial(name: str, split: Split, setting: Setting, base: str, bench: Bench) -> dict[str, Any]:
    epochs = peer.trained(split, setting, base, SEED, bench.work / "trainer", bench.progress, test=False)
    where = " --data DATA" if SETS[name][1] else ""
    return asdict(setting) | {
        "seed": SEED,
        "validation_accuracy": epochs[-1].accuracy,
        "validation_macro_f1": epochs[-1].macro_f1,
        "seconds": epochs[-1].seconds,
        "epoch_ends": [[one.seconds, one.accuracy] for one in epochs],
        "command": f"needloop bench adaptation{where} --only peer-sweep-{name}",
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "machine": str(machine()),
        "measured": now(),
    }


def _best(trials: list[dict[str, Any]]) -> dict[str, Any]:
    """The most accurate on validation texts; of equals the fastest."""
    return max(trials, key=lambda one: (one["validation_accuracy"], -one["seconds"]))


def quickest(trials: list[dict[str, Any]], texts: int) -> dict[str, Any]:
    """Of those within a standard error of the best on so many validation texts the one of fewest epochs.

    A peer that trains on for what nobody could tell apart would flatter us. Of equally many the most accurate.
    """
    best = _best(trials)["validation_accuracy"]
    error = (best * (1 - best) / texts) ** 0.5
    close = [one for one in trials if one["validation_accuracy"] >= best - error]
    return min(close, key=lambda one: (one["epochs"], -one["validation_accuracy"]))


def _measure(name: str, best: dict[str, Any]) -> Measure:
    return Measure(
        part=f"peer-sweep-{name}",
        recipe=f"Trainer, {Setting(best['rate'], best['epochs'])}",
        figure="validation accuracy",
        value=best["validation_accuracy"],
        seconds=best["seconds"],
        seed=best["seed"],
        note="the fewest epochs within a standard error of the best",
    )
