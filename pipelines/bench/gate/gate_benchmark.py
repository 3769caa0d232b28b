"""The benchmark of the gate: error rates, power and speed, recorded and plotted."""

from collections.abc import Iterator, Sequence

from pipelines.bench import results_file, table
from pipelines.bench.adaptation import Results
from pipelines.bench.data import NoData
from pipelines.bench.gate.error_rates import rates
from pipelines.bench.gate.population import Population, make_population
from pipelines.bench.gate.power import Power, power
from pipelines.bench.gate.power_plot import plot_power
from pipelines.bench.gate.promotion_counts import Arena
from pipelines.bench.gate.saved import load_answers
from pipelines.bench.gate.scenarios import declared_gate
from pipelines.bench.gate.simulated_case import make_case
from pipelines.bench.gate.speed import speed
from pipelines.bench.gate.trial_processes import worker_pool
from pipelines.bench.machine import machine
from pipelines.bench.part import Bench
from pipelines.statistics.bootstrap import RESAMPLES

TRIALS = 1000
ALONE = 100  # so few trials finish before another process has started
TEXTS, LOOPS = 10_000, RESAMPLES
PUBLISHED, BUNDLED = ("banking77",), ("intent", "airline")


def run_gate_benchmark(bench: Bench, trials: int = TRIALS, base: str = "minilm") -> Results:
    """Measure on BANKING77, or without its folder on the bundled sets; writes `results.json`, `.md` and `power.png`."""
    results = Results(str(machine()))
    sets = dict(_sets(bench, results, base))
    for name, population in list(sets.items())[:1]:  # before the trials, while the machine is idle
        results.measures.extend(speed(make_case(name, population, bench, TEXTS), LOOPS))
    _write(bench, results, [])
    _run_trials(bench, results, sets, trials)
    return results


def _sets(bench: Bench, results: Results, base: str) -> Iterator[tuple[str, Population]]:
    for name in PUBLISHED if bench.data else BUNDLED:
        try:
            yield name, make_population(load_answers(name, bench, base))
        except NoData as reason:
            results.skipped[name] = str(reason)
            bench.say(f"skipped {name}: {reason}")


def _run_trials(bench: Bench, results: Results, sets: dict[str, Population], trials: int) -> None:
    """All trials; results of one data set are written before the next starts."""
    powers: list[Power] = []
    with worker_pool(machine().cores if trials > ALONE else 1) as run:
        for name, population in sets.items():
            arena = Arena(name, population, declared_gate(name), bench, run)
            results.measures.extend(rates(arena, trials))
            powers.append(power(arena, trials))
            _write(bench, results, powers)


def _write(bench: Bench, results: Results, powers: Sequence[Power]) -> None:
    results_file.write(bench.work / "results.json", results.document())
    text = table.markdown(results.measures, results.skipped, results.machine)
    (bench.work / "results.md").write_text(text, encoding="utf-8")
    if powers:
        plot_power(powers, bench.work / "power.png")
