"""How many trials end in a promotion: counted once, and remembered as long as the gate stays what it is."""

import hashlib
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from scipy.stats import binomtest

from pipelines.bench import results_file
from pipelines.bench.gate import population, simulated_trials
from pipelines.bench.gate.population import Change, Population
from pipelines.bench.gate.simulated_trials import JUDGES, Chunk, Outcome
from pipelines.bench.gate.trial_processes import Do
from pipelines.bench.part import Bench
from pipelines.catalog.spec import Gate
from pipelines.evaluation import bootstrap, measure, paired, significance
from pipelines.evaluation.bootstrap import Interval
from pipelines.kinds.classification.evaluation import (
    label_comparison,
    label_quality,
    label_resamples,
    label_superiority,
)
from pipelines.kinds.labelled import against_champion as against
from pipelines.kinds.labelled import floors, label_counts
from pipelines.promotion import decision

SEED, ROW = 7, 20  # trials that one process makes in a row
MEASURED = (bootstrap, measure, paired, significance, against, label_counts, floors)
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
    """What is judged by which gate: the answers of one data set, and who does the trials."""

    name: str
    of: Population
    gate: Gate
    bench: Bench
    do: Do


@dataclass(frozen=True)
class Counts:
    """Of so many trials, how many each judge promoted; `by` has the same, and `trials`, for each change."""

    trials: int
    seconds: float
    promoted: dict[str, int]
    by: dict[str, dict[str, int]]

    def rate(self, judge: str, *, refused: bool = False) -> Interval:
        """Share of promotions, or of refusals, with the exact 95% interval (Clopper and Pearson, 1934)."""
        count = self.trials - self.promoted[judge] if refused else self.promoted[judge]
        low, high = binomtest(count, self.trials).proportion_ci(0.95, method="exact")
        return Interval(count / self.trials, float(low), float(high))


def counted(arena: Arena, scenario: str, changes: Changes, many: int) -> Counts:
    """Trials of a scenario, each with one of its changes; the same seeds, and so the same trials, every time."""
    file = arena.bench.work / "trials" / arena.name / f"{scenario}.json"
    parts = [asdict(arena.of), {name: asdict(one) for name, one in changes.items()}]
    what = hashlib.sha256(repr([_plain(one) for one in parts]).encode()).hexdigest()
    key = [scenario, many, SEED, what, arena.gate.model_dump(mode="json"), _engine()]
    return Counts(
        **results_file.remembered(arena.bench, file, key, lambda: asdict(_count(arena, scenario, changes, many)))
    )


def _count(arena: Arena, scenario: str, changes: Changes, many: int) -> Counts:
    started, told = time.perf_counter(), zlib.crc32(f"{arena.name} {scenario}".encode())
    seeds = tuple((SEED, told, number) for number in range(many))
    rows = [seeds[start : start + ROW] for start in range(0, many, ROW)]
    found: list[Outcome] = []
    for row in arena.do(Chunk(arena.of, arena.gate, tuple(changes.values()), one) for one in rows):
        found.extend(row)
        arena.bench.progress(f"{arena.name}: {scenario}", len(found), many)
    by = {name: _tally([one for one in found if one[0] == place]) for place, name in enumerate(changes)}
    return Counts(many, time.perf_counter() - started, _tally(found), by)


def _tally(found: Sequence[Outcome]) -> dict[str, int]:
    return {"trials": len(found)} | {judge: sum(promoted[judge] for _, promoted in found) for judge in JUDGES}


def _plain(value: object) -> object:
    """Arrays as lists."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


@cache  # what this process runs, also when a file is changed meanwhile
def _engine() -> str:
    """SHA-256 of the code that decides: rates of another gate are not remembered."""
    files = (Path(module.__file__ or "") for module in ENGINE)
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
