"""The same load for each contestant, alone on the machine and in turns, so that a slow minute affects all."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from pipelines.bench.part import Bench
from pipelines.bench.serving.contestant import Contestant, RunningServer, free_port, run_server
from pipelines.bench.serving.limit import Throughput
from pipelines.bench.serving.load import Load, load
from pipelines.bench.serving.rising_load import Step, overload

CONNECTIONS, BATCH, BATCHING = (1, 16, 64), 32, 4
WARM_SECONDS = 1
# Until all requests of a load are answered: a server paused amid an answer would report minutes for it.
DRAIN_SECONDS = 1
# The model alone takes half a second for all texts; repeated, it takes about as long as a load.
REPEATS = 9


@dataclass
class ContestantResults:
    """The results of one contestant, a load for each round."""

    start: float
    megabytes: float = 0.0
    single: dict[int, list[Load]] = field(default_factory=lambda: {number: [] for number in CONNECTIONS})
    batches: list[Load] = field(default_factory=list)


@dataclass(frozen=True)
class Contest:
    """Results by contestant, ours first, and its steps beyond the capacity.

    `model_rates` has the texts per second of the model without a server, right after our batches, for each round.
    """

    results: dict[str, ContestantResults]
    model_rates: list[float]
    steps: list[Step]


def run_contest(
    contestants: Sequence[Contestant], texts: Sequence[str], bench: Bench, rounds: int, seconds: int, model: Throughput
) -> Contest:
    """Start all servers, pause all but one at a time, and load that one; after ours, measure the bare `model`.

    Raises StartFailed and NoLoad.
    """
    with ExitStack() as stack:
        servers: list[RunningServer] = []
        for contestant in contestants:
            bench.say(f"starting {contestant.name} ...")
            server = stack.enter_context(
                run_server(contestant, free_port(), texts[0], bench.work / f"{len(servers)}.log")
            )
            server.pause()
            servers.append(server)
        results, model_rates = (
            {server.contestant.name: ContestantResults(server.start) for server in servers},
            list[float](),
        )
        for number in range(rounds):
            for index, server in enumerate(servers):
                bench.progress("rounds", number * len(servers) + index, rounds * len(servers))
                with server.resumed():
                    _round(server, results[server.contestant.name], texts, bench.work, seconds)
                if server is servers[0]:
                    model_rates.append(median(model() for _ in range(REPEATS)))
        bench.progress("rounds", 1, 1)
        bench.say("more load than can be answered ...")
        with servers[0].resumed():
            bodies = servers[0].bodies([[text] for text in texts], bench.work / "bodies")
            peak = median(load.rate for load in next(iter(results.values())).single[16])
            return Contest(results, model_rates, overload(servers[0], bodies, peak, rounds, seconds + 1))


def _round(server: RunningServer, results: ContestantResults, texts: Sequence[str], folder: Path, seconds: int) -> None:
    bodies = server.bodies([[text] for text in texts], folder / "bodies")
    load(server.url, bodies, 16, WARM_SECONDS)
    for number, loads in results.single.items():
        loads.append(load(server.url, bodies, number, seconds))
    batches = [texts[start : start + BATCH] for start in range(0, len(texts) - BATCH + 1, BATCH)]
    # Twice as long: requests in progress at the end are not counted, and these take long.
    results.batches.append(load(server.url, server.bodies(batches, folder / "bodies"), BATCHING, 2 * seconds))
    results.megabytes = server.megabytes
    time.sleep(DRAIN_SECONDS)
