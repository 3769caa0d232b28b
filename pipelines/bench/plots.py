"""Accuracy against seconds, one picture per data set and one line per recipe, the peers' among them."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipelines.bench import record
from pipelines.bench.measure import Bench


def plots(bench: Bench, parts: Sequence[str]) -> list[Path]:
    """Write `plots/DATA.png` from the runs of these parts; of several seeds the first is drawn."""
    lines: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for part in parts:
        for file in sorted((bench.work / "runs" / part).glob("*.json")):
            run = record.read(file)["value"]
            if "points" in run:
                lines[run["data"]].setdefault(run["recipe"], run)
    return [_plot(data, list(runs.values()), bench.work / "plots") for data, runs in sorted(lines.items())]


def _plot(data: str, runs: list[dict[str, Any]], folder: Path) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5))
    axes = figure.subplots()
    for number, run in enumerate(runs):
        for points, style, name in ((run["points"], "o-", run["recipe"]), (run.get("tested", []), "x--", None)):
            seconds, scores = zip(*points, strict=True) if points else ((), ())
            axes.plot(seconds, scores, style, color=f"C{number}", label=name)
        if run["accuracy"] is not None:
            axes.plot(run["seconds"], run["accuracy"], "x", markersize=10, color=f"C{number}")
    axes.set(xlabel="seconds, all in", ylabel="accuracy", title=f"{data}: o validation texts, x test texts")
    axes.set_xscale("log")
    for ticks in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
        ticks("{x:.0f}")
    axes.grid(alpha=0.3)
    axes.legend(loc="best")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{data}.png"
    figure.savefig(file, dpi=110)
    return file
