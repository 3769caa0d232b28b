"""Counts of promotions in simulated trials, cached while the code of the gate is unchanged."""

import hashlib
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from scipy.stats import binomtest

from pipelines.bench import results_file
from pipelines.bench.gate import population, simulated_trials
from pipelines.bench.gate.population import Change, Population
from pipelines.bench.gate.simulated_trials import JUDGES, Chunk, Outcome
from pipelines.bench.gate.trial_processes import Do
from pipelines.bench.part import Bench
from pipelines.catalog.gate import Gate
from pipelines.evaluation import measure, paired
from pipelines.kinds.classification.evaluation import (
    label_comparison,
    label_quality,
    label_resamples,
    label_superiority,
)
from pipelines.kinds.labelled import against_champion, floors, label_counts
from pipelines.promotion import decision
from pipelines.statistics import bootstrap, significance
from pipelines.statistics.bootstrap import Interval

SEED, ROW = 7, 20  # trials per chunk of a process
MEASURED = (bootstrap, measure, paired, significance, against_champion, label_counts, floors)
ENGINE = (
    decision,
    *MEASURED,
    label_comparison,
    label_quality,
    label_resamples,
    label_superiority,
    population,
    simulated_trials,
)
Changes = Mapping[str, Change]


@dataclass(frozen=True)
class Arena:
    """The answers of one data set, the gate that judges them, and the runner of the trials."""

    name: str
    population: Population
    gate: Gate
    bench: Bench
    run: Do


@dataclass(frozen=True)
class PromotionCounts:
    """Number of trials, and how many each judge promoted; `by` has the same for each change."""

    trials: int
    seconds: float
    promoted: dict[str, int]
    by: dict[str, dict[str, int]]

    def rate(self, judge: str, *, refused: bool = False) -> Interval:
        """Share of promotions, or of refusals, with the exact 95% interval (Clopper and Pearson, 1934)."""
        count = self.trials - self.promoted[judge] if refused else self.promoted[judge]
        low, high = binomtest(count, self.trials).proportion_ci(0.95, method="exact")
        return Interval(count / self.trials, float(low), float(high))


def count_promotions(
    arena: Arena, scenario: str, changes: Changes, trials: int, engine: tuple[ModuleType, ...] = ENGINE
) -> PromotionCounts:
    """Run the trials of a scenario, each with one of its changes, with the same seeds every time.

    The counts are cached until the code of the `engine` changes.
    """
    file = arena.bench.work / "trials" / arena.name / f"{scenario}.json"
    parts = [asdict(arena.population), {name: asdict(change) for name, change in changes.items()}]
    digest = hashlib.sha256(repr([_plain(change) for change in parts]).encode()).hexdigest()
    key = [scenario, trials, SEED, digest, arena.gate.model_dump(mode="json"), _digest(engine)]
    return PromotionCounts(
        **results_file.load_or_compute(arena.bench, file, key, lambda: asdict(_count(arena, scenario, changes, trials)))
    )


def _count(arena: Arena, scenario: str, changes: Changes, trials: int) -> PromotionCounts:
    started, scenario_seed = time.perf_counter(), zlib.crc32(f"{arena.name} {scenario}".encode())
    seeds = tuple((SEED, scenario_seed, number) for number in range(trials))
    rows = [seeds[start : start + ROW] for start in range(0, trials, ROW)]
    outcomes: list[Outcome] = []
    for row in arena.run(Chunk(arena.population, arena.gate, tuple(changes.values()), chunk) for chunk in rows):
        outcomes.extend(row)
        arena.bench.progress(f"{arena.name}: {scenario}", len(outcomes), trials)
    by = {name: _tally([outcome for outcome in outcomes if outcome[0] == index]) for index, name in enumerate(changes)}
    return PromotionCounts(trials, time.perf_counter() - started, _tally(outcomes), by)


def _tally(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return {"trials": len(outcomes)} | {judge: sum(promoted[judge] for _, promoted in outcomes) for judge in JUDGES}


def _plain(value: object) -> object:
    """Arrays as lists."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


@cache  # cached: a file may change while this process runs
def _digest(modules: tuple[ModuleType, ...]) -> str:
    """SHA-256 of the deciding code: rates of another gate are not reused."""
    files = (Path(module.__file__ or "") for module in modules)
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
