"""The picture of reading: seconds against rows, beside the peer."""

from collections.abc import Sequence
from pathlib import Path

from pipelines.bench.part import BenchMeasure

LINES = (("curve", "seconds"), ("curve", "processor seconds"), ("pandas", "seconds"))


def plot_curve(measures: Sequence[BenchMeasure], file: Path) -> Path:
    """Write the picture. Raises ValueError without a measured reading."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    for part, name in LINES:
        points = [(_rows(item), item.value) for item in measures if (item.part, item.figure) == (part, name)]
        if points:
            axes.plot(*zip(*points, strict=True), "o-", label=f"{part}: {name}")
        elif part == "curve":
            raise ValueError("no reading is measured yet")
    axes.set(xlabel="rows", ylabel="seconds", xscale="log", yscale="log")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(file, metadata={"Date": None})
    return file


def _rows(measure: BenchMeasure) -> int:
    return int(measure.recipe.removesuffix(" rows").replace(",", ""))
