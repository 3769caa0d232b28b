"""All parts of the benchmark by name, in the order of their runs."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from pipelines.bench.accuracy import INSTANT, curve, instant, measure_on_test, waimai
from pipelines.bench.data import identity
from pipelines.bench.matrix import NAMES, share
from pipelines.bench.part import Bench, Part
from pipelines.bench.pretraining_gain import SENTIMENT, pretraining
from pipelines.bench.ratio import against_trainer
from pipelines.bench.recipes import SETUPS, Setup
from pipelines.bench.retraining import retraining
from pipelines.bench.small_data import RECIPES, learning_curve
from pipelines.bench.smaller_networks import compression, recipes
from pipelines.bench.sweep import GRIDS, Grid, load_sweeps, sweep_part


class UnknownPart(LookupError):
    """No part has this name."""


@dataclass(frozen=True)
class PartEntry:
    """A part, its data sets and setups, its sweep; `named`: runs only if it is named."""

    part: Part
    data: tuple[str, ...]
    recipes: Callable[[], Iterable[Setup]] = tuple
    peer: str | None = None
    bundled: tuple[str, ...] | None = None  # data sets without a folder
    named: bool = False
    grid: Grid | None = None

    def sets(self, bench: Bench) -> tuple[str, ...]:
        """The data sets of this run."""
        return self.data if self.bundled is None or bench.data else self.bundled

    def key(self, bench: Bench) -> list[object]:
        """The inputs that determine its figures, except the method."""
        sweep = load_sweeps(bench).get(self.peer, {}).get("chosen") if self.peer else None
        return [
            [setup.identity() for setup in self.recipes()],
            sweep,
            asdict(self.grid) if self.grid else None,
            [identity(name, bench.data) for name in self.sets(bench)],
        ]


def _test_entry(name: str, goals: dict[str, float]) -> PartEntry:
    return PartEntry(measure_on_test(name, goals), (SETUPS[name].data,), _setups(name))


def _sweep_entry(data: str) -> PartEntry:
    return PartEntry(sweep_part(data, GRIDS[data]), (data,), named=True, grid=GRIDS[data])


def _setups(*names: str) -> Callable[[], Iterable[Setup]]:
    return lambda: [SETUPS[name] for name in names]


def _few_texts_setups() -> Iterable[Setup]:
    return [Setup(f"few-{name}", "banking77", recipe) for name, recipe in RECIPES.items()]


def _pretraining_setup() -> Iterable[Setup]:
    return [Setup(SENTIMENT.name, "airline", SENTIMENT.recipe)]


PARTS: dict[str, PartEntry] = {
    "banking77": _test_entry("banking77", {"accuracy": 0.945}),
    "clinc150": _test_entry("clinc150", {"accuracy": 0.972, "AUROC": 0.985}),
    "clinc150-large": _test_entry("clinc150-large", {"accuracy": 0.972, "AUROC": 0.985}),
    "airline": _test_entry("airline", {"accuracy": 0.865, "macro-F1": 0.825}),
    "airline-120s": _test_entry("airline-120s", {"accuracy": 0.855, "macro-F1": 0.81, "seconds": 120.0}),
    "sst2": _test_entry("sst2", {"accuracy": 0.895}),
    "waimai": PartEntry(waimai, ("waimai",), _setups("waimai")),
    "instant": PartEntry(instant, ("banking77", "clinc150"), _setups(*INSTANT)),
    "trainer-banking77": PartEntry(
        against_trainer("banking77", 15.0), ("banking77",), _setups("quick-banking77"), "banking77"
    ),
    "trainer-airline": PartEntry(against_trainer("airline", 4.0), ("airline",), _setups("quick-airline"), "airline"),
    "matrix-rate": PartEntry(share, ("banking77", "airline"), _setups(*NAMES)),
    "retraining": PartEntry(retraining, ("airline",), _setups("retraining")),
    "compression": PartEntry(compression, ("airline",), recipes),
    "learning-curve": PartEntry(learning_curve, ("banking77",), _few_texts_setups, bundled=("intent",)),
    "pretraining": PartEntry(pretraining, ("airline",), _pretraining_setup),
    "curve-banking77": PartEntry(curve("banking77"), ("banking77",), _setups("banking77")),
    "curve-airline": PartEntry(curve("airline"), ("airline",), _setups("airline")),
    "peer-sweep-banking77": _sweep_entry("banking77"),
    "peer-sweep-airline": _sweep_entry("airline"),
}


def select_parts(only: list[str]) -> list[str]:
    """The named parts in order; without names all that need no name. Raises UnknownPart."""
    for name in only:
        if name not in PARTS:
            raise UnknownPart(f"{name!r} is no part; choose from {', '.join(PARTS)}")
    return [name for name, entry in PARTS.items() if (name in only if only else not entry.named)]
