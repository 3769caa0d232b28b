"""Pictures of a scorecard, where people would rather look than read."""

import warnings
from pathlib import Path

from pipelines.kinds.classification.evaluation.label_calibration import Trust
from pipelines.kinds.classification.evaluation.label_scores import Standings


def confusion_picture(found: Standings, file: Path) -> Path:
    """The confusion matrix as a PNG: rows are the given labels, shades are shares of each row."""
    from matplotlib.figure import Figure

    size = 2.5 + 0.55 * len(found.labels)
    figure = Figure(figsize=(size + 1, size), layout="constrained")
    axes = figure.subplots()
    shares = [[cell / max(sum(row), 1) for cell in row] for row in found.confusion]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for y, row in enumerate(found.confusion):
        for x, cell in enumerate(row):
            axes.text(x, y, str(cell), ha="center", va="center", color="white" if shares[y][x] > 0.5 else "black")
    axes.set_xticks(range(len(found.labels)), found.labels, rotation=45, ha="right")
    axes.set_yticks(range(len(found.labels)), found.labels)
    axes.set(xlabel="answered", ylabel="labelled", title=f"macro-F1 {found.challenger.macro_f1}")
    with warnings.catch_warnings():  # a script that no installed font knows becomes boxes; the scorecard has the names
        warnings.filterwarnings("ignore", "Glyph")
        figure.savefig(file, dpi=110)
    return file


def reliability_picture(trust: Trust, file: Path) -> Path:
    """The reliability diagram as a PNG: how often answers of each confidence are right, over how many there are."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5.5), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    sure = [bar.sure for bar in trust.bars]
    upper.plot([0, 1], [0, 1], color="grey", linestyle="--", label="as sure as right")
    upper.plot(sure, [bar.right for bar in trust.bars], "o-", label="answers")
    upper.set(ylabel="share that is right", ylim=(0, 1.02), title=f"expected calibration error {trust.error:.3f}")
    upper.legend(loc="upper left")
    lower.bar(sure, [bar.share for bar in trust.bars], width=0.05)
    lower.set(xlabel="confidence", ylabel="share of answers", xlim=(0, 1.02))
    figure.savefig(file, dpi=110)
    return file
