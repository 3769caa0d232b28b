"""Learning curves of a run as a picture."""

from pathlib import Path

import pandas as pd

from pipelines.training.optimisation.training_loop import Curve


def curves_picture(curve: Curve, file: Path, score: str) -> Path:
    """Plot loss (of each batch, and its running mean) and validation score over the steps as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    left = figure.subplots()
    right = left.twinx()
    steps, losses = _columns(curve.loss)
    left.plot(steps, losses, color="lightgray", linewidth=0.8, label="loss of a batch")
    left.plot(steps, pd.Series(losses).ewm(span=max(2, len(losses) / 10)).mean(), color="tab:gray", label="its mean")
    right.plot(*_columns(curve.score), color="tab:blue", marker="o", label=f"validation {score}")
    left.set(xlabel="step", ylabel="loss", title=f"rate {curve.rate:.1e}")
    right.set_ylabel(f"validation {score}")
    figure.legend(loc="outside lower center", ncols=3)
    figure.savefig(file, dpi=110)
    return file


def _columns(points: list[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [step for step, _ in points], [value for _, value in points]
