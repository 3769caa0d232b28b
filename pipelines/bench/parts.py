"""Every part of the benchmark by its name, in the order they run."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from pipelines.bench.accuracy import INSTANT, curve, instant, on_test_texts, waimai
from pipelines.bench.data import identity
from pipelines.bench.matrix import NAMES, share
from pipelines.bench.part import Bench, Part
from pipelines.bench.ratio import against_trainer
from pipelines.bench.recipes import KEPT, Kept
from pipelines.bench.retraining import retraining
from pipelines.bench.small_data import RECIPES, SENTIMENT, learning_curve, pretraining
from pipelines.bench.smaller_networks import compression, recipes
from pipelines.bench.sweep import GRIDS, Grid, known, swept


class UnknownPart(LookupError):
    """A name that no part has."""


@dataclass(frozen=True)
class Entry:
    """A part, the data sets and recipes it measures, the sweep it rests on or makes; `named`: it runs only by name."""

    part: Part
    data: tuple[str, ...]
    recipes: Callable[[], Iterable[Kept]] = tuple
    peer: str | None = None
    bundled: tuple[str, ...] | None = None  # the data sets it measures where there is no folder
    named: bool = False
    grid: Grid | None = None

    def sets(self, bench: Bench) -> tuple[str, ...]:
        """The data sets it measures in this run."""
        return self.data if self.bundled is None or bench.data else self.bundled

    def key(self, bench: Bench) -> list[object]:
        """What determines its figures, but for the method."""
        sweep = known(bench).get(self.peer, {}).get("chosen") if self.peer else None
        return [
            [kept.identity() for kept in self.recipes()],
            sweep,
            asdict(self.grid) if self.grid else None,
            [identity(one, bench.data) for one in self.sets(bench)],
        ]


def _tested(name: str, goals: dict[str, float]) -> Entry:
    return Entry(on_test_texts(name, goals), (KEPT[name].data,), _kept(name))


def _searched(data: str) -> Entry:
    return Entry(swept(data, GRIDS[data]), (data,), named=True, grid=GRIDS[data])


def _kept(*names: str) -> Callable[[], Iterable[Kept]]:
    return lambda: [KEPT[name] for name in names]


def _few() -> Iterable[Kept]:
    return [Kept(f"few-{name}", "banking77", recipe) for name, recipe in RECIPES.items()]


def _read() -> Iterable[Kept]:
    return [Kept(SENTIMENT.name, "airline", SENTIMENT.recipe)]


PARTS: dict[str, Entry] = {
    "banking77": _tested("banking77", {"accuracy": 0.945}),
    "clinc150": _tested("clinc150", {"accuracy": 0.972, "AUROC": 0.985}),
    "clinc150-large": _tested("clinc150-large", {"accuracy": 0.972, "AUROC": 0.985}),
    "airline": _tested("airline", {"accuracy": 0.865, "macro-F1": 0.825}),
    "airline-120s": _tested("airline-120s", {"accuracy": 0.855, "macro-F1": 0.81, "seconds": 120.0}),
    "sst2": _tested("sst2", {"accuracy": 0.895}),
    "waimai": Entry(waimai, ("waimai",), _kept("waimai")),
    "instant": Entry(instant, ("banking77", "clinc150"), _kept(*INSTANT)),
    "trainer-banking77": Entry(
        against_trainer("banking77", 15.0), ("banking77",), _kept("quick-banking77"), "banking77"
    ),
    "trainer-airline": Entry(against_trainer("airline", 4.0), ("airline",), _kept("quick-airline"), "airline"),
    "matrix-rate": Entry(share, ("banking77", "airline"), _kept(*NAMES)),
    "retraining": Entry(retraining, ("airline",), _kept("retraining")),
    "compression": Entry(compression, ("airline",), recipes),
    "learning-curve": Entry(learning_curve, ("banking77",), _few, bundled=("intent",)),
    "pretraining": Entry(pretraining, ("airline",), _read),
    "curve-banking77": Entry(curve("banking77"), ("banking77",), _kept("banking77")),
    "curve-airline": Entry(curve("airline"), ("airline",), _kept("airline")),
    "peer-sweep-banking77": _searched("banking77"),
    "peer-sweep-airline": _searched("airline"),
}


def selected(only: list[str]) -> list[str]:
    """The parts that were named, in order; without names all that need not be. Raises UnknownPart."""
    for name in only:
        if name not in PARTS:
            raise UnknownPart(f"{name!r} is no part; choose from {', '.join(PARTS)}")
    return [name for name, entry in PARTS.items() if (name in only if only else not entry.named)]
