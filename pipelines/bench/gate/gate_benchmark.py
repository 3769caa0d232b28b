"""The benchmark of the gate: error rates, power and speed, recorded and drawn."""

from collections.abc import Iterator, Sequence

from pipelines.bench import results_file, table
from pipelines.bench.adaptation import Results
from pipelines.bench.data import NoData
from pipelines.bench.gate.error_rates import rates
from pipelines.bench.gate.population import Population, population
from pipelines.bench.gate.power import Power, power
from pipelines.bench.gate.power_plot import picture
from pipelines.bench.gate.promotion_counts import Arena
from pipelines.bench.gate.saved import saved
from pipelines.bench.gate.scenarios import declared
from pipelines.bench.gate.simulated_case import case
from pipelines.bench.gate.speed import speed
from pipelines.bench.gate.trial_processes import crew
from pipelines.bench.machine import machine
from pipelines.bench.part import Bench
from pipelines.evaluation.bootstrap import RESAMPLES

TRIALS = 1000
ALONE = 100  # trials that are over before a process of their own is ready
TEXTS, LOOPS = 10_000, RESAMPLES
PUBLISHED, BUNDLED = ("banking77",), ("intent", "airline")


def gate(bench: Bench, trials: int = TRIALS, base: str = "minilm") -> Results:
    """Measure it on BANKING77, without its folder on the bundled sets; leaves `results.json`, `.md` and `power.png`."""
    results = Results(str(machine()))
    sets = dict(_sets(bench, results, base))
    for name, of in list(sets.items())[:1]:  # before the trials, while nothing else computes
        results.measures.extend(speed(case(name, of, bench, TEXTS), LOOPS))
    _write(bench, results, [])
    _try(bench, results, sets, trials)
    return results


def _sets(bench: Bench, results: Results, base: str) -> Iterator[tuple[str, Population]]:
    for name in PUBLISHED if bench.data else BUNDLED:
        try:
            yield name, population(saved(name, bench, base))
        except NoData as reason:
            results.skipped[name] = str(reason)
            bench.say(f"skipped {name}: {reason}")


def _try(bench: Bench, results: Results, sets: dict[str, Population], trials: int) -> None:
    """All trials; what is known of a data set is written before the next."""
    drawn: list[Power] = []
    with crew(machine().cores if trials > ALONE else 1) as do:
        for name, of in sets.items():
            arena = Arena(name, of, declared(name), bench, do)
            results.measures.extend(rates(arena, trials))
            drawn.append(power(arena, trials))
            _write(bench, results, drawn)


def _write(bench: Bench, results: Results, found: Sequence[Power]) -> None:
    results_file.write(bench.work / "results.json", results.document())
    text = table.markdown(results.measures, results.skipped, results.machine)
    (bench.work / "results.md").write_text(text, encoding="utf-8")
    if found:
        picture(found, bench.work / "power.png")
