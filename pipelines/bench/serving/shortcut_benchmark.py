"""The benchmark of the shortcuts: the service with all of them, and without each, under the same load in turns."""

import shutil
from contextlib import ExitStack
from statistics import mean, stdev

from pipelines.bench import results_file, table
from pipelines.bench.adaptation import Results
from pipelines.bench.machine import machine
from pipelines.bench.part import Bench, BenchMeasure
from pipelines.bench.serving.contestant import free_port, run_server
from pipelines.bench.serving.field import OURS, home_champions, our_contestant
from pipelines.bench.serving.load import load
from pipelines.bench.serving.serving_benchmark import TEXTS
from pipelines.inference.artefact import load_reference_answers
from pipelines.workspace.settings import SHORTCUTS, Settings

CONNECTIONS, WARM_SECONDS = 16, 1


def run_shortcut_benchmark(bench: Bench, settings: Settings, rounds: int, seconds: int) -> Results:
    """Measure the ratio of answers per second with all shortcuts to those without one; writes `results.json` and `.md`.

    A ratio whose interval (two standard errors over the rounds) holds 1 shows no gain. Raises ChampionMissing,
    StartFailed and NoLoad.
    """
    results, champions = Results(str(machine())), home_champions(settings)
    texts = [reference.text for reference in load_reference_answers(champions[0].package, TEXTS)]
    work = bench.work / "servers"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    variants = {"": SHORTCUTS} | {name: tuple(other for other in SHORTCUTS if other != name) for name in SHORTCUTS}
    rates: dict[str, list[float]] = {name: [] for name in variants}
    with ExitStack() as stack:
        servers = {}
        for name, used in variants.items():
            contestant = our_contestant(
                name or OURS, champions, work / (name or "all"), NEEDLOOP_SHORTCUTS=",".join(used)
            )
            servers[name] = stack.enter_context(run_server(contestant, free_port(), texts[0], work / f"{name}.log"))
            servers[name].pause()
        bodies = servers[""].bodies([[text] for text in texts], work / "bodies")
        for number in range(rounds):
            for index, (name, server) in enumerate(servers.items()):
                bench.progress("rounds", number * len(servers) + index, rounds * len(servers))
                with server.resumed():
                    load(server.url, bodies, CONNECTIONS, WARM_SECONDS)
                    rates[name].append(load(server.url, bodies, CONNECTIONS, seconds).rate)
    bench.progress("rounds", 1, 1)
    results.measures.extend(gain(name, rates[""], rates[name]) for name in SHORTCUTS)
    results_file.write(bench.work / "results.json", results.document())
    text = table.markdown(results.measures, results.skipped, results.machine)
    (bench.work / "results.md").write_text(text, encoding="utf-8")
    return results


def gain(name: str, rates: list[float], without: list[float]) -> BenchMeasure:
    """The mean ratio of two rates over the rounds, with two standard errors of it to each side."""
    ratios = [rate / other for rate, other in zip(rates, without, strict=True)]
    error = 2 * stdev(ratios) / len(ratios) ** 0.5
    return BenchMeasure(
        "shortcut", name, f"answers/s with / without, {CONNECTIONS} connections", mean(ratios),
        low=mean(ratios) - error, high=mean(ratios) + error,
    )  # fmt: skip
