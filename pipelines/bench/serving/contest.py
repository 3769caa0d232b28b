"""The same load for each contestant, alone on the machine and in turns, so that a slow minute is everybody's."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from pipelines.bench.part import Bench
from pipelines.bench.serving.contestant import Contestant, Running, free_port, running
from pipelines.bench.serving.limit import Way
from pipelines.bench.serving.load import Load, load
from pipelines.bench.serving.overload import Step, overload

CONNECTIONS, BATCH, BATCHING = (1, 16, 64), 32, 4
WARM_SECONDS = 1
# Until what a load left is answered: who is halted amid an answer would think that it took minutes.
REST_SECONDS = 1
# The model alone takes half a second for all texts: so many times it lasts about as long as a load.
TIMES = 9


@dataclass
class Shown:
    """What one contestant showed, a load for each round."""

    start: float
    megabytes: float = 0.0
    single: dict[int, list[Load]] = field(default_factory=lambda: {number: [] for number in CONNECTIONS})
    batches: list[Load] = field(default_factory=list)


@dataclass(frozen=True)
class Contest:
    """By contestant, the first of whom is ours, and how that one fared beyond its capacity.

    `alone` is what the model did without a server right after our batches, in texts a second for each round.
    """

    shown: dict[str, Shown]
    alone: list[float]
    steps: list[Step]


def contest(
    contestants: Sequence[Contestant], texts: Sequence[str], bench: Bench, rounds: int, seconds: int, model: Way
) -> Contest:
    """Start them all, halt them all but one at a time, and load that one; after ours comes the bare `model`.

    Raises DidNotStart and NoLoad.
    """
    with ExitStack() as stack:
        servers: list[Running] = []
        for one in contestants:
            bench.say(f"starting {one.name} ...")
            server = stack.enter_context(running(one, free_port(), texts[0], bench.work / f"{len(servers)}.log"))
            server.halt()
            servers.append(server)
        shown, alone = {server.of.name: Shown(server.start) for server in servers}, list[float]()
        for number in range(rounds):
            for place, server in enumerate(servers):
                bench.progress("rounds", number * len(servers) + place, rounds * len(servers))
                with server.awake():
                    _round(server, shown[server.of.name], texts, bench.work, seconds)
                if server is servers[0]:
                    alone.append(median(model() for _ in range(TIMES)))
        bench.progress("rounds", 1, 1)
        bench.say("more load than can be answered ...")
        with servers[0].awake():
            bodies = servers[0].bodies([[text] for text in texts], bench.work / "bodies")
            peak = median(one.rate for one in next(iter(shown.values())).single[16])
            return Contest(shown, alone, overload(servers[0], bodies, peak, rounds, seconds + 1))


def _round(server: Running, shown: Shown, texts: Sequence[str], folder: Path, seconds: int) -> None:
    bodies = server.bodies([[text] for text in texts], folder / "bodies")
    load(server.url, bodies, 16, WARM_SECONDS)
    for number, found in shown.single.items():
        found.append(load(server.url, bodies, number, seconds))
    batches = [texts[at : at + BATCH] for at in range(0, len(texts) - BATCH + 1, BATCH)]
    # Twice as long: what is under way at the end is not counted, and these take long.
    shown.batches.append(load(server.url, server.bodies(batches, folder / "bodies"), BATCHING, 2 * seconds))
    shown.megabytes = server.megabytes
    time.sleep(REST_SECONDS)
