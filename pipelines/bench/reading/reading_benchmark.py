"""The benchmark of reading: the curve over the rows, labels in a file, more rows, `needloop add`, and the peer."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.bench import results_file, table
from pipelines.bench.adaptation import Results
from pipelines.bench.data import NoData
from pipelines.bench.machine import machine
from pipelines.bench.part import Bench, BenchMeasure
from pipelines.bench.reading.exactness import exactness
from pipelines.bench.reading.generated_source import Rows, lengthened, questions, write, write_label_file
from pipelines.bench.reading.measured_process import Cost, cost_of
from pipelines.bench.reading.naive_join import seconds_of_naive_join
from pipelines.bench.reading.reading_plot import plot_curve
from pipelines.runtime.interpreter import MODULE

ROWS = (20_000, 40_000, 100_000, 300_000, 1_000_000)
MORE_ROWS, ADDED_ROWS = 10_000, 120_000
NAIVE_ROWS = (1_000, 2_000, 4_000)
# Seconds and MiB on two cores, from the first row to the snapshots.
GOALS = {("curve", 1_000_000): (150.0, 1024.0), ("more rows", 1_000_000): (5.0, None), ("add", 120_000): (60.0, 1200.0)}
CURVE, NAIVE = "curve", "pandas"


def run_reading_benchmark(bench: Bench, rows: Sequence[int] = ROWS) -> Results:
    """Measure each number of rows; writes `results.json`, `results.md` and `curve.svg` after every figure."""
    results = Results(str(machine()))
    bench.work.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=bench.work) as folder:
            for measure in _measures(bench, sorted(rows), Path(folder)):
                results.measures.append(measure)
                _write(bench, results)
    except NoData as reason:
        results.skipped["reading"] = str(reason)
    return results


def _measures(bench: Bench, rows: Sequence[int], folder: Path) -> Iterator[BenchMeasure]:
    base = questions(bench.data)
    for number in NAIVE_ROWS:
        seconds = seconds_of_naive_join([text for text, _ in lengthened(base, number)])
        yield BenchMeasure(NAIVE, f"{number:,} rows", "seconds", seconds, note="near duplicates alone, nothing masked")
    yield from exactness(bench.data)
    for number in rows:
        bench.say(f"reading {number:,} rows ...")
        yield from _figures(CURVE, number, _read(folder / str(number), lengthened(base, number)))
    yield from _figures("add", ADDED_ROWS, _add(folder / "add", lengthened(base, ADDED_ROWS)))
    yield from _largest(base, rows[-1], folder)


def _largest(base: Rows, number: int, folder: Path) -> Iterator[BenchMeasure]:
    """Of the largest source: reading it again with more rows at its end, and with its labels in another file."""
    more = lengthened(base, number + MORE_ROWS)
    yield from _figures("more rows", number, _read(folder / str(number), more))
    labels = write_label_file(more[:number], folder / "labels.csv")
    yield from _figures("label file", number, _read(folder / "labels", more[:number], labels))


def _read(home: Path, rows: Rows, *labels: Path) -> Cost:
    file = write(rows, home / "rows.csv")
    command = (*MODULE, "pipelines.bench.reading.single_read", str(home / "home"), str(file), *map(str, labels))
    return cost_of(command, os.environ, home / "log.txt")


def _add(home: Path, rows: Rows) -> Cost:
    """`needloop add`, floors included."""
    file = write(rows, home / "rows.csv")
    options = ("add", "banking", "--data", str(file), "--text", "text", "--label", "label")
    own = {"NEEDLOOP_HOME": str(home / "home"), "NEEDLOOP_CATALOG": str(home / "catalog.toml")}
    return cost_of((*MODULE, "flows.commands", *options), {**os.environ, **own}, home / "log.txt")


def _figures(part: str, rows: int, cost: Cost) -> Iterator[BenchMeasure]:
    seconds_goal, peak_goal = GOALS.get((part, rows), (None, None))
    name = f"{rows:,} rows"
    yield BenchMeasure(part, name, "seconds", cost.seconds, seconds_goal, at_most=True)
    yield BenchMeasure(part, name, "processor seconds", cost.cpu_seconds)
    yield BenchMeasure(part, name, "peak MiB of all processes", cost.peak_mib, peak_goal, at_most=True)


def _write(bench: Bench, results: Results) -> None:
    results_file.write(bench.work / "results.json", results.document())
    text = table.markdown(results.measures, results.skipped, results.machine)
    (bench.work / "results.md").write_text(text, encoding="utf-8")
    with suppress(ValueError):  # no curve yet
        plot_curve(results.measures, bench.work / "curve.svg")
