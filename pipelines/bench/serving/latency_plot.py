"""Plot of latency against load, and of the answers beyond the capacity."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from pipelines.bench.serving.rising_load import Step, percentile


def plot_latency(steps: Sequence[Step], file: Path) -> None:
    """A PNG: milliseconds on the left, answers per second on the right, over the load as a share of the capacity."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    left = figure.subplots()
    right = left.twinx()
    shares = [step.share for step in steps]
    for percent, style in ((50, "-"), (99, "--")):
        left.plot(
            shares,
            [percentile(step.answered, percent) for step in steps],
            f"C0{style}",
            label=f"p{percent} of answers, ms",
        )
    left.plot(shares, [percentile(step.refused, 99) for step in steps], "C3:o", label="p99 of refusals, ms")
    right.plot(shares, [step.rate for step in steps], "C2-s", label="answers a second")
    left.set(xlabel="requests offered, as a share of the capacity", ylabel="milliseconds", ylim=(0, None))
    right.set(ylabel="answers a second", ylim=(0, None))
    figure.legend(loc="outside upper center", ncols=4, fontsize=8)
    figure.savefig(file, dpi=130)
