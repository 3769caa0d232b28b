"""The power of the gate as a picture: one row per data set, beside it the effect of one broken label."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.bench.gate.power import Power
from pipelines.bench.gate.promotion_counts import PromotionCounts
from pipelines.bench.gate.simulated_trials import BETTER, NAIVE, NO_WORSE

CURVES = {NO_WORSE: "C0", BETTER: "C2", NAIVE: "C3"}


def plot_power(powers: Sequence[Power], file: Path) -> Path:
    """Plot the rates with their exact 95% intervals."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 4.5 * len(powers)), layout="constrained")
    for row, (left, right) in zip(powers, figure.subplots(len(powers), 2, squeeze=False), strict=True):
        _plot_shifted(left, row)
        _plot_broken(right, row)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)
    return file


def _plot_shifted(axes: Any, row: Power) -> None:
    _curves(axes, {100 * point: counts for point, counts in row.shifted.items()})
    axes.axvline(-100 * row.margin, color="grey", linestyle=":", label="the declared margin")
    axes.axhline(row.alpha, color="grey", linestyle="--", label=f"alpha = {row.alpha:g}")
    axes.set(title=f"{row.name}: how often a challenger is promoted", xlabel="truly better, points of macro-F1")
    axes.legend()


def _plot_broken(axes: Any, row: Power) -> None:
    _curves(axes, {100 * share: counts for share, counts in row.broken.items()})
    axes.set(title=f"{row.name}: one label broken, accuracy up by a point", xlabel="% of its right answers lost")
    axes.legend()


def _curves(axes: Any, points: Mapping[float, PromotionCounts]) -> None:
    for judge, color in CURVES.items():
        rates = [counts.rate(judge) for counts in points.values()]
        axes.plot(list(points), [rate.value for rate in rates], "o-", color=color, label=judge)
        axes.fill_between(
            list(points), [rate.low for rate in rates], [rate.high for rate in rates], alpha=0.2, color=color
        )
    axes.set(ylim=(-0.02, 1.02), ylabel="promoted")
    axes.grid(alpha=0.3)
