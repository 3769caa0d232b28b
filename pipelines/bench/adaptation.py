"""The benchmark of adaptation: all parts in order, resumed after a stop, recorded and plotted."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipelines.bench import results_file, table
from pipelines.bench.data import NoData
from pipelines.bench.machine import machine, timestamp
from pipelines.bench.part import Bench, BenchMeasure
from pipelines.bench.parts import PARTS, select_parts
from pipelines.bench.plots import plots
from pipelines.bench.sweep import NoSweep
from pipelines.training.network.encoder_files import EncoderNotFound


@dataclass(frozen=True)
class Results:
    """Measures, past and new, with their machine and times, and the skipped parts with their reasons."""

    machine: str
    measures: list[BenchMeasure] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    measured: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The results as plain values; each measure has its distance from the goal."""
        return asdict(self) | {
            "measures": [asdict(measure) | {"missing": measure.missing} for measure in self.measures]
        }

    def add(self, part: str, record: dict[str, Any]) -> None:
        """Add the record of a part."""
        self.measures.extend(BenchMeasure(**measure) for measure in record["measures"])
        self.measured[part] = record["measured"]


def run_adaptation(bench: Bench, only: Sequence[str] = ()) -> Results:
    """Measure all parts or those in `only`; `results.json`, `results.md` and `plots/` have all known results."""
    results = Results(str(machine()))
    names = select_parts(list(only))
    bench.work.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        bench.progress("all parts", number, len(names))
        try:
            results.add(name, _part_record(name, bench))
        except (NoData, EncoderNotFound, NoSweep) as reason:
            results.skipped[name] = str(reason)
            bench.say(f"skipped {name}: {reason}")
        _write(bench, results)
    return results


def _part_record(name: str, bench: Bench) -> dict[str, Any]:
    """The record of one part, from the cache or measured now. Raises NoData, EncoderNotFound and NoSweep."""

    def make() -> dict[str, Any]:
        bench.say(f"measuring {name} ...")
        return {"measured": timestamp(), "measures": [asdict(measure) for measure in PARTS[name].part(bench)]}

    record: dict[str, Any] = results_file.load_or_compute(bench, _file(name, bench), _key(name, bench), make)
    return record


def _key(name: str, bench: Bench) -> list[object]:
    return [name, PARTS[name].key(bench)]


def _file(name: str, bench: Bench) -> Path:
    return bench.work / "parts" / f"{name}.json"


def _write(bench: Bench, results: Results) -> None:
    """Write all known results of this machine, data and recipes, from this run and from earlier ones."""
    all_results = Results(results.machine, skipped=results.skipped)
    for name in PARTS:
        with suppress(NoData):
            if (record := results_file.load_cached(_file(name, bench), _key(name, bench))) is not None:
                all_results.add(name, record)
    results_file.write(bench.work / "results.json", all_results.document())
    text = table.markdown(all_results.measures, all_results.skipped, all_results.machine)
    (bench.work / "results.md").write_text(text, encoding="utf-8")
    plots(bench, list(all_results.measured))
