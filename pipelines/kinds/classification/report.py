"""Report on scores, labels, confidence, the confusion matrix, and suspected label errors."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from pipelines.evaluation.case import Case
from pipelines.evaluation.figures import UNMEASURED, figure, share
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.classification.evaluation.confusion_plot import confusion_picture, reliability_picture
from pipelines.kinds.classification.evaluation.doubts import DataWarnings, suspected_label_errors
from pipelines.kinds.classification.evaluation.label_calibration import Calibration
from pipelines.kinds.classification.evaluation.label_scores import read_score_table
from pipelines.kinds.classification.evaluation.out_of_scope_recall import OutOfScopeScores
from pipelines.kinds.classification.target import FIGURES
from pipelines.kinds.labelled.label_report import gain_lines, weakest_labels
from pipelines.kinds.report import Contestants, Part, WeakAnswers, table

CAPTIONS = {"Confusion matrix": "confusion.png", "Reliability": "reliability.png"}


def contestants(card: Scorecard) -> Contestants:
    """Return macro-F1 and accuracy of each contestant."""
    score_table = read_score_table(card)
    by_contestant = score_table.contestants() if score_table else {}
    return {
        contestant: {title: getattr(scores, name) for name, title in FIGURES.items()}
        for contestant, scores in by_contestant.items()
    }


def parts(card: Scorecard) -> Sequence[Part]:
    """Return the sections on scores, labels, calibration and out-of-scope texts."""
    sections = {"challenger": _scores, "per_label": _labels, "trust": _calibration, "scope": _scope}
    return [part(card) for name, part in sections.items() if name in card.attachments]


def _scores(card: Scorecard) -> Part:
    score_table = read_score_table(card)
    gain = score_table.against.macro_f1 if score_table and score_table.against else None
    return Part(
        "Contestants",
        heads=("who", *FIGURES.values()),
        rows=[tuple(row.values()) for row in table(contestants(card))],
        lines=list(gain_lines(card, score_table.lead, gain)) if score_table else (),
    )


def _labels(card: Scorecard) -> Part:
    """Return precision, recall, F1 and support of every label."""
    names = ("precision", "recall", "f1")
    rows = [
        (label, *(f"{row.get(name, float('nan')):.3f}" for name in names), f"{row['support']:.0f}")
        for label, row in card.attachments["per_label"].items()
    ]
    return Part("Labels", heads=("label", "precision", "recall", "F1", "texts"), rows=rows)


def _calibration(card: Scorecard) -> Part:
    """Return the calibration of version and champion."""
    calibration = card.read_attachment("trust", Calibration)
    if calibration is None:
        return Part("Calibration", UNMEASURED)
    rows = [
        ("expected calibration error", figure(calibration.error), figure(calibration.champion_error)),
        ("Brier score", figure(calibration.brier), figure(calibration.champion_brier)),
    ]
    return Part("Calibration", heads=("what", "this version", "champion"), rows=rows)


def _scope(card: Scorecard) -> Part:
    """Return the recall on texts about none of the labels."""
    scores = card.read_attachment("scope", OutOfScopeScores)
    if scores is None:
        return Part("Out of scope", UNMEASURED)
    text = (
        f"A text that is answered with a confidence under {scores.threshold:.3f} counts as out of scope. Of "
        f"{scores.outside} texts about none of the labels {share(scores.recall)} are told so (recall; AUROC "
        f"{scores.auroc:.3f}); {share(scores.kept)} of the held-out texts are not."
    )
    return Part("Out of scope", text)


def weak_answers(card: Scorecard) -> WeakAnswers:
    """Return the labels with the lowest F1, below the overall one, and those with too few texts."""
    score_table = read_score_table(card)
    if score_table is None:
        return WeakAnswers()
    labels = {label: (row["f1"], row["support"]) for label, row in score_table.labelled()}
    return weakest_labels(labels, score_table.challenger.macro_f1.value)


def data_warnings(card: Scorecard) -> Sequence[str]:
    """Return the numbers of suspected label errors and of leaked texts."""
    warnings = card.read_attachment("doubts", DataWarnings)
    if warnings is None:
        return ["suspected label errors and leaks were not counted"]
    errors = f"{warnings.suspects} labels look like errors; label-errors.csv beside the pictures lists them"
    return [errors, f"{warnings.leaks} train texts are nearly held-out texts"]


def pictures(card: Scorecard, folder: Path) -> Sequence[Path]:
    """Draw the confusion matrix, and the reliability diagram if calibration was measured."""
    score_table, confidence = read_score_table(card), card.read_attachment("trust", Calibration)
    pictures = [confusion_picture(score_table, folder / CAPTIONS["Confusion matrix"])] if score_table else []
    return [*pictures, *([reliability_picture(confidence, folder / CAPTIONS["Reliability"])] if confidence else [])]


def tables(case: Case) -> Mapping[str, pd.DataFrame]:
    """Return the suspected label errors of train and test."""
    return {"label-errors.csv": case.shared(suspected_label_errors)}
