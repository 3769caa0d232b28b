"""The benchmark of adaptation: every part in its order, resumed where it stopped, recorded and drawn."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipelines.bench import results_file, table
from pipelines.bench.data import NoData
from pipelines.bench.machine import machine, now
from pipelines.bench.part import Bench, Measure
from pipelines.bench.parts import PARTS, selected
from pipelines.bench.plots import plots
from pipelines.bench.sweep import NoSweep
from pipelines.training.network.encoder import NoEncoder


@dataclass(frozen=True)
class Results:
    """What was measured, now or before, on which machine and when, and what was left out and why."""

    machine: str
    measures: list[Measure] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    measured: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As plain values; each measure says by how much its goal is missed."""
        return asdict(self) | {"measures": [asdict(one) | {"missing": one.missing} for one in self.measures]}

    def add(self, part: str, kept: dict[str, Any]) -> None:
        """Take in what a part measured."""
        self.measures.extend(Measure(**one) for one in kept["measures"])
        self.measured[part] = kept["measured"]


def adaptation(bench: Bench, only: Sequence[str] = ()) -> Results:
    """Measure the parts, all or those named; `results.json`, `results.md` and `plots/` have all that is known."""
    results = Results(str(machine()))
    names = selected(list(only))
    bench.work.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        bench.progress("all parts", number, len(names))
        try:
            results.add(name, _measured(name, bench))
        except (NoData, NoEncoder, NoSweep) as reason:
            results.skipped[name] = str(reason)
            bench.say(f"skipped {name}: {reason}")
        _write(bench, results)
    return results


def _measured(name: str, bench: Bench) -> dict[str, Any]:
    """The record of one part, from where it was measured already or from now. Raises NoData, NoEncoder and NoSweep."""

    def make() -> dict[str, Any]:
        bench.say(f"measuring {name} ...")
        return {"measured": now(), "measures": [asdict(one) for one in PARTS[name].part(bench)]}

    found: dict[str, Any] = results_file.remembered(bench, _file(name, bench), _key(name, bench), make)
    return found


def _key(name: str, bench: Bench) -> list[object]:
    return [name, PARTS[name].key(bench)]


def _file(name: str, bench: Bench) -> Path:
    return bench.work / "parts" / f"{name}.json"


def _write(bench: Bench, results: Results) -> None:
    """All that is known of this machine, data and recipes, from this run and from those before."""
    known = Results(results.machine, skipped=results.skipped)
    for name in PARTS:
        with suppress(NoData):
            if (kept := results_file.recalled(_file(name, bench), _key(name, bench))) is not None:
                known.add(name, kept)
    results_file.write(bench.work / "results.json", known.document())
    text = table.markdown(known.measures, known.skipped, known.machine)
    (bench.work / "results.md").write_text(text, encoding="utf-8")
    plots(bench, list(known.measured))
