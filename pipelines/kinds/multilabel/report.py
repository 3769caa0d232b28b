"""The contestants' scores, and labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from pipelines.evaluation.case import Case
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.labelled.label_report import ahead, weakest
from pipelines.kinds.multilabel.evaluation.set_scores import ATTACHED, Standings
from pipelines.kinds.multilabel.target import FIGURES
from pipelines.kinds.report import Contestants, Part, Weak, table

CAPTIONS: Mapping[str, str] = {}


def contestants(card: Scorecard) -> Contestants:
    """Macro-F1, micro-F1 and the share of exact sets of everybody."""
    found = _standings(card)
    if found is None:
        return {}
    everybody = {
        "challenger": found.challenger,
        "champion": found.champion,
        "TF-IDF": found.tfidf,
        "commonest": found.commonest,
    }
    return {who: {told: getattr(one, name) for name, told in FIGURES.items()} for who, one in everybody.items() if one}


def parts(card: Scorecard) -> Sequence[Part]:
    """Scores and labels."""
    found = _standings(card)
    if found is None:
        return []
    scores = [tuple(row.values()) for row in table(contestants(card))]
    labels = [(label, row.support, row.hits, row.answered, f"{row.f1:.3f}") for label, row in found.per_label.items()]
    lines = list(ahead(card, found.lead, found.against.macro_f1 if found.against else None))
    return [
        Part("Contestants", heads=("who", *FIGURES.values()), rows=scores, lines=lines),
        Part("Labels", heads=("label", "texts", "of them answered so", "answered so", "F1"), rows=labels),
    ]


def weak(card: Scorecard) -> Weak:
    """The labels with the lowest F1, under that of all, and those of too few texts."""
    found = _standings(card)
    if found is None:
        return Weak()
    labels = {label: (row.f1, row.support) for label, row in found.per_label.items()}
    return weakest(labels, found.challenger.macro_f1.value)


def doubts(card: Scorecard) -> Sequence[str]:
    """How many texts leaked."""
    found = card.measure("doubts.leaks")
    return [f"{found.value} train texts are nearly held-out texts"] if found else []


def pictures(_card: Scorecard, _folder: Path) -> Sequence[Path]:
    """None."""
    return []


def tables(_case: Case) -> Mapping[str, pd.DataFrame]:
    """None."""
    return {}


def _standings(card: Scorecard) -> Standings | None:
    return card.attached(ATTACHED, Standings)
