"""The benchmark of serving: the model alone, each way of serving under the same load, and ours under overload."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from pipelines.bench import results_file, table
from pipelines.bench.adaptation import Results
from pipelines.bench.machine import machine
from pipelines.bench.part import Bench, BenchMeasure
from pipelines.bench.serving import limit
from pipelines.bench.serving.contest import BATCH, Contest, ContestantResults, run_contest
from pipelines.bench.serving.field import OURS, PLAIN, build_contestants, home_champions
from pipelines.bench.serving.latency_plot import plot_latency
from pipelines.bench.serving.rising_load import percentile
from pipelines.inference.artefact import load_reference_answers
from pipelines.workspace.settings import Settings

TEXTS = 256
# Minimum ratio of our requests per second to a peer's, at 16 and at 64 connections.
GOALS = {
    "mlflow models serve": 14.0,
    "FastAPI + transformers.pipeline": 12.0,
    "LitServe + int8": 3.0,
    "FastAPI + int8": 1.5,
}
P99_MS = {1: 10.0, 64: 200.0}
START_SECONDS, MEGABYTES, LIMIT_SHARE, GOODPUT, REFUSAL_MS = 2.0, 200.0, 0.9, 0.9, 20.0


def run_serving_benchmark(bench: Bench, settings: Settings, rounds: int = 3, seconds: int = 4) -> Results:
    """Measure `sentiment`, or the first champion of the home; writes `results.json`, `.md` and `curve.png`.

    Raises ChampionMissing, StartFailed and NoLoad.
    """
    results, cores = Results(str(machine())), machine().cores
    champions = home_champions(settings)
    texts = [reference.text for reference in load_reference_answers(champions[0].package, TEXTS)]
    work = bench.work / "servers"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    contestants = build_contestants(champions, work)
    bench.say("the model alone ...")
    single = limit.best(limit.single(champions[0].package, work / PLAIN, texts, cores))
    ways = limit.batched(champions[0].package, texts, BATCH, cores)
    batched = limit.best(ways)
    fastest = max(batched, key=batched.__getitem__)
    results.measures.extend([*_alone(single, "single texts"), *_alone(batched, f"batches of {BATCH}")])
    contest = run_contest(contestants, texts, bench, rounds, seconds, ways[fastest])
    for name, contestant_results in contest.results.items():
        results.measures.extend(contestant_measures(name, contestant_results))
    results.measures.extend([*peer_ratios(contest.results), limit_ratio(contest, fastest), *overload_measures(contest)])
    plot_latency(contest.steps, bench.work / "curve.png")
    results_file.write(bench.work / "results.json", results.document())
    text = table.markdown(results.measures, results.skipped, results.machine)
    (bench.work / "results.md").write_text(text, encoding="utf-8")
    return results


def _alone(rates: Mapping[str, float], unit: str) -> Iterator[BenchMeasure]:
    yield from (BenchMeasure("model alone", method, f"texts/s, {unit}", rate) for method, rate in rates.items())


def contestant_measures(name: str, results: ContestantResults) -> Iterator[BenchMeasure]:
    """The measures of one contestant; goals are for ours alone."""
    ours = name == OURS
    for number, loads in results.single.items():
        refused = sum(load.refused for load in loads) / max(1, sum(load.refused + load.ok for load in loads))
        note = f"{refused:.0%} refused" if refused else ""
        connections = f"{number} connection{'s' * (number > 1)}"
        yield _spread(name, f"answers/s, {connections}", [load.rate for load in loads], note=note)
        yield _spread(name, f"p50 ms, {connections}", [load.p50 for load in loads])
        goal = P99_MS.get(number) if ours else None
        yield _spread(name, f"p99 ms, {connections}", [load.p99 for load in loads], goal, at_most=True)
    yield _spread(name, f"texts/s, batches of {BATCH}", [load.rate * BATCH for load in results.batches])
    yield BenchMeasure(
        "server", name, "seconds to the first answer", results.start, START_SECONDS if ours else None, at_most=True
    )
    yield BenchMeasure("server", name, "MB under load", results.megabytes, MEGABYTES if ours else None, at_most=True)


def _spread(
    name: str, figure: str, values: Sequence[float], goal: float | None = None, *, note: str = "", at_most: bool = False
) -> BenchMeasure:
    return BenchMeasure(
        "server", name, figure, median(values), goal, min(values), max(values), note=note, at_most=at_most
    )


def peer_ratios(results: Mapping[str, ContestantResults]) -> Iterator[BenchMeasure]:
    """Our rate over a peer's, round by round."""
    ours, *_ = results.values()
    for name, goal in GOALS.items():
        for number in (16, 64):
            pairs = zip(ours.single[number], results[name].single[number], strict=True)
            ratios = [own.rate / max(peer.rate, 1e-9) for own, peer in pairs]
            yield _ratio(name, f"{OURS} answers so many times as much, {number} connections", ratios, goal)


def limit_ratio(contest: Contest, fastest: str) -> BenchMeasure:
    """Our rate over that of the model alone, round by round."""
    pairs = zip(contest.results[OURS].batches, contest.model_rates, strict=True)
    ratios = [load.rate * BATCH / model_rate for load, model_rate in pairs]
    return _ratio(
        f"model alone, {fastest}", f"{OURS} answers so many times as much, batches of {BATCH}", ratios, LIMIT_SHARE
    )


def _ratio(peer: str, figure: str, ratios: Sequence[float], goal: float) -> BenchMeasure:
    return BenchMeasure("ratio", peer, figure, median(ratios), goal, min(ratios), max(ratios))


def overload_measures(contest: Contest) -> Iterator[BenchMeasure]:
    """The measures of each step of the rising load, and our rate at the last step over the best one."""
    for step in contest.steps:
        share, loads = f"{step.share:g} of the capacity", step.loads
        refused, late = sum(load.refused for load in loads), sum(load.timeouts for load in loads)
        broken = sum(load.broken + load.other for load in loads)
        note = f"{refused} refused, {late} timed out, {broken} broken, {step.megabytes:.0f} MB"
        rates = [load.rate for load in loads]
        yield BenchMeasure("overload", share, "answers/s", step.rate, None, min(rates), max(rates), note=note)
        yield BenchMeasure("overload", share, "p99 ms of what is answered", percentile(step.answered, 99))
        if step.refused:
            yield BenchMeasure(
                "overload", share, "p99 ms of what is refused", percentile(step.refused, 99), REFUSAL_MS, at_most=True
            )
    best = [
        max(loads, key=lambda load: load.rate) for loads in zip(*(step.loads for step in contest.steps), strict=True)
    ]
    shares = [
        last_load.rate / best_load.rate for last_load, best_load in zip(contest.steps[-1].loads, best, strict=True)
    ]
    yield _ratio("the best of all shares", f"{OURS} answers so many times as much at the last", shares, GOODPUT)
