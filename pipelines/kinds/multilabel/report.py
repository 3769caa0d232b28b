"""Report on scores and labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from pipelines.evaluation.case import Case
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.labelled.label_report import gain_lines, weakest_labels
from pipelines.kinds.multilabel.evaluation.set_scores import ATTACHED, SetScoreTable
from pipelines.kinds.multilabel.target import FIGURES
from pipelines.kinds.report import Contestants, Part, WeakAnswers, table

CAPTIONS: Mapping[str, str] = {}


def contestants(card: Scorecard) -> Contestants:
    """Return macro-F1, micro-F1 and the share of exact sets of each contestant."""
    score_table = _read_score_table(card)
    if score_table is None:
        return {}
    by_contestant = {
        "challenger": score_table.challenger,
        "champion": score_table.champion,
        "TF-IDF": score_table.tfidf,
        "commonest": score_table.commonest,
    }
    return {
        contestant: {title: getattr(scores, name) for name, title in FIGURES.items()}
        for contestant, scores in by_contestant.items()
        if scores
    }


def parts(card: Scorecard) -> Sequence[Part]:
    """Return the sections on scores and labels."""
    score_table = _read_score_table(card)
    if score_table is None:
        return []
    scores = [tuple(row.values()) for row in table(contestants(card))]
    labels = [
        (label, row.support, row.hits, row.answered, f"{row.f1:.3f}") for label, row in score_table.per_label.items()
    ]
    lines = list(gain_lines(card, score_table.lead, score_table.against.macro_f1 if score_table.against else None))
    return [
        Part("Contestants", heads=("who", *FIGURES.values()), rows=scores, lines=lines),
        Part("Labels", heads=("label", "texts", "of them answered so", "answered so", "F1"), rows=labels),
    ]


def weak_answers(card: Scorecard) -> WeakAnswers:
    """Return the labels with the lowest F1, below the overall one, and those with too few texts."""
    score_table = _read_score_table(card)
    if score_table is None:
        return WeakAnswers()
    labels = {label: (row.f1, row.support) for label, row in score_table.per_label.items()}
    return weakest_labels(labels, score_table.challenger.macro_f1.value)


def data_warnings(card: Scorecard) -> Sequence[str]:
    """Return the number of leaked texts."""
    leaks = card.measure("doubts.leaks")
    return [f"{leaks.value} train texts are nearly held-out texts"] if leaks else []


def pictures(_card: Scorecard, _folder: Path) -> Sequence[Path]:
    """Return no pictures."""
    return []


def tables(_case: Case) -> Mapping[str, pd.DataFrame]:
    """Return no tables."""
    return {}


def _read_score_table(card: Scorecard) -> SetScoreTable | None:
    return card.read_attachment(ATTACHED, SetScoreTable)
