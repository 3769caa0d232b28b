"""The contestants' scores, labels, confidence, the confusion matrix, and labels that look like errors."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from pipelines.card.figures import UNMEASURED, figure, share
from pipelines.evaluation.case import Case
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.classification.evaluation.confusion_plot import confusion_picture, reliability_picture
from pipelines.kinds.classification.evaluation.doubts import Doubts, suspects
from pipelines.kinds.classification.evaluation.label_calibration import Trust
from pipelines.kinds.classification.evaluation.label_scores import standings_in
from pipelines.kinds.classification.evaluation.out_of_scope_recall import Scope
from pipelines.kinds.classification.target import FIGURES
from pipelines.kinds.labelled.label_report import ahead, weakest
from pipelines.kinds.report import Contestants, Part, Weak, table

CAPTIONS = {"Confusion matrix": "confusion.png", "Reliability": "reliability.png"}


def contestants(card: Scorecard) -> Contestants:
    """Macro-F1 and accuracy of everybody."""
    found = standings_in(card)
    everybody = found.contestants() if found else {}
    return {who: {told: getattr(one, name) for name, told in FIGURES.items()} for who, one in everybody.items()}


def parts(card: Scorecard) -> Sequence[Part]:
    """Scores, labels, and what the confidence is worth."""
    made = {"challenger": _scores, "per_label": _labels, "trust": _calibration, "scope": _scope}
    return [part(card) for name, part in made.items() if name in card.attachments]


def _scores(card: Scorecard) -> Part:
    found = standings_in(card)
    gain = found.against.macro_f1 if found and found.against else None
    return Part(
        "Contestants",
        heads=("who", *FIGURES.values()),
        rows=[tuple(row.values()) for row in table(contestants(card))],
        lines=list(ahead(card, found.lead, gain)) if found else (),
    )


def _labels(card: Scorecard) -> Part:
    """Precision, recall, F1 and support of every label."""
    names = ("precision", "recall", "f1")
    rows = [
        (label, *(f"{row.get(name, float('nan')):.3f}" for name in names), f"{row['support']:.0f}")
        for label, row in card.attachments["per_label"].items()
    ]
    return Part("Labels", heads=("label", "precision", "recall", "F1", "texts"), rows=rows)


def _calibration(card: Scorecard) -> Part:
    """Calibration beside the champion's."""
    found = card.attached("trust", Trust)
    if found is None:
        return Part("Calibration", UNMEASURED)
    rows = [
        ("expected calibration error", figure(found.error), figure(found.champion_error)),
        ("Brier score", figure(found.brier), figure(found.champion_brier)),
    ]
    return Part("Calibration", heads=("what", "this version", "champion"), rows=rows)


def _scope(card: Scorecard) -> Part:
    """Whether texts about none of the labels are told as such."""
    found = card.attached("scope", Scope)
    if found is None:
        return Part("Out of scope", UNMEASURED)
    said = (
        f"A text that is answered with a confidence under {found.threshold:.3f} counts as out of scope. Of "
        f"{found.outside} texts about none of the labels {share(found.recall)} are told so (recall; AUROC "
        f"{found.auroc:.3f}); {share(found.kept)} of the held-out texts are not."
    )
    return Part("Out of scope", said)


def weak(card: Scorecard) -> Weak:
    """The labels with the lowest F1, under that of all, and those of too few texts."""
    found = standings_in(card)
    if found is None:
        return Weak()
    labels = {label: (row["f1"], row["support"]) for label, row in found.labelled()}
    return weakest(labels, found.challenger.macro_f1.value)


def doubts(card: Scorecard) -> Sequence[str]:
    """How many labels look like errors, and how many texts leaked."""
    found = card.attached("doubts", Doubts)
    if found is None:
        return ["suspected label errors and leaks were not counted"]
    errors = f"{found.suspects} labels look like errors; label-errors.csv beside the pictures lists them"
    return [errors, f"{found.leaks} train texts are nearly held-out texts"]


def pictures(card: Scorecard, folder: Path) -> Sequence[Path]:
    """The confusion matrix, and the reliability diagram where confidence could be measured."""
    found, confidence = standings_in(card), card.attached("trust", Trust)
    drawn = [confusion_picture(found, folder / CAPTIONS["Confusion matrix"])] if found else []
    return [*drawn, *([reliability_picture(confidence, folder / CAPTIONS["Reliability"])] if confidence else [])]


def tables(case: Case) -> Mapping[str, pd.DataFrame]:
    """Labels of train and test that look like errors."""
    return {"label-errors.csv": case.shared(suspects)}
