"""The benchmark of serving: the model alone, each way of serving it under the same load, and ours under too much."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from pipelines.bench import results_file, table
from pipelines.bench.adaptation import Results
from pipelines.bench.machine import machine
from pipelines.bench.part import Bench, Measure
from pipelines.bench.serving import limit
from pipelines.bench.serving.contest import BATCH, Contest, Shown, contest
from pipelines.bench.serving.field import OURS, PLAIN, Served, field
from pipelines.bench.serving.latency_plot import picture
from pipelines.bench.serving.overload import percentile
from pipelines.inference.artefact import open_package
from pipelines.inference.reference_answers import recorded
from pipelines.ledger.queries import current_champions
from pipelines.runtime.settings import Settings

TEXTS = 256
# At least so many times the requests a second of a peer, at 16 and at 64 connections.
GOALS = {
    "mlflow models serve": 14.0,
    "FastAPI + transformers.pipeline": 12.0,
    "LitServe + int8": 3.0,
    "FastAPI + int8": 1.5,
}
P99_MS = {1: 10.0, 64: 200.0}
START_SECONDS, MEGABYTES, OF_LIMIT, GOODPUT, REFUSAL_MS = 2.0, 200.0, 0.9, 0.9, 20.0


class NothingServed(LookupError):
    """No model has a champion yet."""


def serving(bench: Bench, settings: Settings, rounds: int = 3, seconds: int = 4) -> Results:
    """Measure `sentiment`, or the first champion of the home; leaves `results.json`, `.md` and `curve.png`.

    Raises NothingServed, DidNotStart and NoLoad.
    """
    results, cores = Results(str(machine())), machine().cores
    served = _served(settings)
    texts = [one.text for one in recorded(served[0].package, TEXTS)]
    work = bench.work / "servers"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    contestants = field(served, work)
    bench.say("the model alone ...")
    single = limit.best(limit.single(served[0].package, work / PLAIN, texts, cores))
    ways = limit.batched(served[0].package, texts, BATCH, cores)
    batched = limit.best(ways)
    fastest = max(batched, key=batched.__getitem__)
    results.measures.extend([*_alone(single, "single texts"), *_alone(batched, f"batches of {BATCH}")])
    found = contest(contestants, texts, bench, rounds, seconds, ways[fastest])
    for name, shown in found.shown.items():
        results.measures.extend(_rows(name, shown))
    results.measures.extend([*_ratios(found.shown), _of_limit(found, fastest), *_steps(found)])
    picture(found.steps, bench.work / "curve.png")
    results_file.write(bench.work / "results.json", results.document())
    said = table.markdown(results.measures, results.skipped, results.machine)
    (bench.work / "results.md").write_text(said, encoding="utf-8")
    return results


def _served(settings: Settings) -> list[Served]:
    """Every champion of the home, the one that is asked first."""
    named = current_champions(settings.workspace.ledger.entries())
    if not named:
        raise NothingServed("nothing is promoted in this home: needloop run, then measure again")
    cache, registry = settings.files.packages, settings.workspace.registry
    order = sorted(named.values(), key=lambda entry: entry.model != "sentiment")
    return [
        Served(registry.version(entry.model, entry.version), open_package(entry.package, entry.digest, cache))
        for entry in order
    ]


def _alone(rates: Mapping[str, float], what: str) -> Iterator[Measure]:
    yield from (Measure("model alone", way, f"texts/s, {what}", rate) for way, rate in rates.items())


def _rows(name: str, shown: Shown) -> Iterator[Measure]:
    ours = name == OURS
    for number, loads in shown.single.items():
        refused = sum(one.refused for one in loads) / max(1, sum(one.refused + one.ok for one in loads))
        note = f"{refused:.0%} refused" if refused else ""
        at = f"{number} connection{'s' * (number > 1)}"
        yield _spread(name, f"answers/s, {at}", [one.rate for one in loads], note=note)
        yield _spread(name, f"p50 ms, {at}", [one.p50 for one in loads])
        goal = P99_MS.get(number) if ours else None
        yield _spread(name, f"p99 ms, {at}", [one.p99 for one in loads], goal, at_most=True)
    yield _spread(name, f"texts/s, batches of {BATCH}", [one.rate * BATCH for one in shown.batches])
    yield Measure(
        "server", name, "seconds to the first answer", shown.start, START_SECONDS if ours else None, at_most=True
    )
    yield Measure("server", name, "MB under load", shown.megabytes, MEGABYTES if ours else None, at_most=True)


def _spread(
    name: str, figure: str, values: Sequence[float], goal: float | None = None, *, note: str = "", at_most: bool = False
) -> Measure:
    return Measure("server", name, figure, median(values), goal, min(values), max(values), note=note, at_most=at_most)


def _ratios(shown: Mapping[str, Shown]) -> Iterator[Measure]:
    """Ours over a peer, round by round."""
    ours, *_ = shown.values()
    for name, goal in GOALS.items():
        for number in (16, 64):
            pairs = zip(ours.single[number], shown[name].single[number], strict=True)
            ratios = [one.rate / max(other.rate, 1e-9) for one, other in pairs]
            yield _ratio(name, f"{OURS} answers so many times as much, {number} connections", ratios, goal)


def _of_limit(found: Contest, fastest: str) -> Measure:
    """Ours over the model alone, round by round."""
    pairs = zip(found.shown[OURS].batches, found.alone, strict=True)
    ratios = [one.rate * BATCH / alone for one, alone in pairs]
    return _ratio(
        f"model alone, {fastest}", f"{OURS} answers so many times as much, batches of {BATCH}", ratios, OF_LIMIT
    )


def _ratio(of: str, figure: str, ratios: Sequence[float], goal: float) -> Measure:
    return Measure("ratio", of, figure, median(ratios), goal, min(ratios), max(ratios))


def _steps(found: Contest) -> Iterator[Measure]:
    for step in found.steps:
        of, loads = f"{step.share:g} of the capacity", step.loads
        refused, late = sum(one.refused for one in loads), sum(one.timeouts for one in loads)
        broken = sum(one.broken + one.other for one in loads)
        note = f"{refused} refused, {late} timed out, {broken} broken, {step.megabytes:.0f} MB"
        rates = [one.rate for one in loads]
        yield Measure("overload", of, "answers/s", step.rate, None, min(rates), max(rates), note=note)
        yield Measure("overload", of, "p99 ms of what is answered", percentile(step.answered, 99))
        if step.refused:
            yield Measure(
                "overload", of, "p99 ms of what is refused", percentile(step.refused, 99), REFUSAL_MS, at_most=True
            )
    best = [max(loads, key=lambda one: one.rate) for loads in zip(*(step.loads for step in found.steps), strict=True)]
    shares = [last.rate / most.rate for last, most in zip(found.steps[-1].loads, best, strict=True)]
    yield _ratio("the best of all shares", f"{OURS} answers so many times as much at the last", shares, GOODPUT)
