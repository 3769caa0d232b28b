"""Pictures of a scorecard: confusion matrix and reliability diagram."""

import warnings
from pathlib import Path

from pipelines.kinds.classification.evaluation.label_calibration import Calibration
from pipelines.kinds.classification.evaluation.label_scores import ScoreTable


def confusion_picture(scores: ScoreTable, file: Path) -> Path:
    """Write the confusion matrix as a PNG; rows are the true labels, shades are shares of a row."""
    from matplotlib.figure import Figure

    size = 2.5 + 0.55 * len(scores.labels)
    figure = Figure(figsize=(size + 1, size), layout="constrained")
    axes = figure.subplots()
    shares = [[cell / max(sum(row), 1) for cell in row] for row in scores.confusion]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for y, row in enumerate(scores.confusion):
        for x, cell in enumerate(row):
            axes.text(x, y, str(cell), ha="center", va="center", color="white" if shares[y][x] > 0.5 else "black")
    axes.set_xticks(range(len(scores.labels)), scores.labels, rotation=45, ha="right")
    axes.set_yticks(range(len(scores.labels)), scores.labels)
    axes.set(xlabel="answered", ylabel="labelled", title=f"macro-F1 {scores.challenger.macro_f1}")
    with warnings.catch_warnings():  # a script without an installed font becomes boxes; the scorecard has the names
        warnings.filterwarnings("ignore", "Glyph")
        figure.savefig(file, dpi=110)
    return file


def reliability_picture(calibration: Calibration, file: Path) -> Path:
    """Write the reliability diagram as a PNG: accuracy by confidence, above the share of answers by confidence."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5.5), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    confidences = [bar.sure for bar in calibration.bars]
    upper.plot([0, 1], [0, 1], color="grey", linestyle="--", label="perfect calibration")
    upper.plot(confidences, [bar.right for bar in calibration.bars], "o-", label="answers")
    upper.set(ylabel="share that is right", ylim=(0, 1.02), title=f"expected calibration error {calibration.error:.3f}")
    upper.legend(loc="upper left")
    lower.bar(confidences, [bar.share for bar in calibration.bars], width=0.05)
    lower.set(xlabel="confidence", ylabel="share of answers", xlim=(0, 1.02))
    figure.savefig(file, dpi=110)
    return file
