"""Plots of accuracy against seconds, one picture per data set and one line per setup or peer."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipelines.bench import results_file
from pipelines.bench.part import Bench

FEW = "learning-curve"


def plots(bench: Bench, parts: Sequence[str]) -> list[Path]:
    """Write `plots/DATA.png` from the runs of these parts."""
    return [_plot(data, runs, bench.work / "plots") for data, runs in sorted(plotted_runs(bench, parts).items())]


def plotted_runs(bench: Bench, parts: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The runs of these parts by picture; of several seeds the first.

    Runs on few texts have a picture of their own: their accuracies are not comparable with those on all texts.
    """
    lines: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for part in parts:
        for file in sorted((bench.work / "runs" / part).glob("*.json")):
            run = results_file.read(file)["value"]
            if "points" in run:
                suffix = "-few-texts" if part == FEW else ""
                lines[f"{run['data']}{suffix}"].setdefault(run["recipe"], run)
    return {data: list(runs.values()) for data, runs in lines.items()}


def _plot(data: str, runs: list[dict[str, Any]], folder: Path) -> Path:
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots()
    for number, run in enumerate(runs):
        for points, style in ((run["points"], "o-"), (run.get("tested", []), "x--")):
            seconds, scores = zip(*points, strict=True) if points else ((), ())
            axes.plot(seconds, scores, style, color=f"C{number}")
        if run["accuracy"] is not None:
            axes.plot(run["seconds"], run["accuracy"], "x", markersize=10, color=f"C{number}")
        axes.plot([], [], "o-" if run["points"] else "x", color=f"C{number}", label=run["recipe"])
    axes.set(xlabel="seconds, all in", ylabel="accuracy", title=f"{data}: o validation texts, x test texts")
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
    axes.xaxis.set_major_formatter("{x:.0f}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right upper")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{data}.png"
    figure.savefig(file, dpi=110)
    return file
