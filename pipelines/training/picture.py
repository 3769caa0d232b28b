"""The curves of a run, where people would rather look than read."""

from pathlib import Path

from pipelines.training.loop import Curve


def curves_picture(curve: Curve, file: Path) -> Path:
    """Loss and validation macro-F1 over the steps, as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    left = figure.subplots()
    right = left.twinx()
    left.plot(*_columns(curve.loss), color="tab:gray", linewidth=0.8, label="loss")
    right.plot(*_columns(curve.score), color="tab:blue", marker="o", label="validation macro-F1")
    left.set(xlabel="step", ylabel="loss", title=f"rate {curve.rate:.1e}")
    right.set_ylabel("validation macro-F1")
    figure.legend(loc="outside lower center", ncols=2)
    figure.savefig(file, dpi=110)
    return file


def _columns(points: list[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [step for step, _ in points], [value for _, value in points]
