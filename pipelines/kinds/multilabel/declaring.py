"""Declaration of several labels per text, from a file with cells such as `delay;staff` or a column for each label."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from pydantic import ValidationError

from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import Source
from pipelines.ingestion.leakage_filter import SOURCE
from pipelines.ingestion.records import Record, read
from pipelines.kinds.declaring import (
    HIGHEST_FLOOR,
    MOST_LABELS,
    LabelFormat,
    NotDeclarable,
    require_columns,
    require_plain,
    round_down,
)
from pipelines.kinds.multilabel.baseline import commonest, tfidf
from pipelines.kinds.multilabel.set_metrics import set_scores
from pipelines.kinds.multilabel.target import LabelSets

SEPARATORS = (";", "|", ",", "/", "+")


def target(source: Source, label_format: LabelFormat) -> LabelSets:
    """Return the distinct labels of a source, sorted, or its label columns. Raises NotDeclarable."""
    require_columns(source.uri, (source.text, source.label, *label_format.columns))
    if label_format.columns:
        return _by_column(label_format.columns)
    separator = label_format.separator or ";"
    if separator != separator.strip():
        hint = f"; give {separator.strip()!r}" if separator.strip() else ""
        raise NotDeclarable(f"the separator {separator!r} may not begin or end with space: space is ignored{hint}")
    cells = [row.label for row in read(source.uri, source) if isinstance(row, Record) and row.label]
    if cells and not any(separator in cell for cell in cells):
        others = ", ".join(repr(mark) for mark in SEPARATORS if any(mark in cell for cell in cells))
        hint = f"; cells hold {others}" if others else ": leave --separator out"
        raise NotDeclarable(f"{source.uri}: no cell of the column {source.label!r} holds {separator!r}{hint}")
    labels = sorted({part.strip() for cell in cells for part in cell.split(separator)} - {""})
    if not 1 <= len(labels) <= MOST_LABELS:
        raise NotDeclarable(
            f"{source.uri}: the column {source.label!r} holds {len(labels)} different labels between {separator!r}; "
            f"there may be 1 to {MOST_LABELS}"
        )
    require_plain(labels, f"{source.uri}: the column {source.label!r}")
    return _target(labels=tuple(labels), separator=separator)


def _by_column(labels: Sequence[str]) -> LabelSets:
    """Return the target of label columns; its cells are never in a file, so any separator that no label has will do."""
    separator = next((mark for mark in SEPARATORS if not any(mark in label for label in labels)), SEPARATORS[0])
    return _target(labels=tuple(labels), separator=separator, by_column=True)


def _target(**fields: Any) -> LabelSets:
    """Return a target. Raises NotDeclarable if its fields are invalid."""
    try:
        return LabelSets(**fields)
    except ValidationError as error:
        raise NotDeclarable("; ".join(item["msg"].removeprefix("Value error, ") for item in error.errors())) from error


def require(target: LabelSets, learnt: Sequence[str], held_out: Sequence[str]) -> None:
    """Raise NotDeclarable unless every label occurs in train and there are two different cells."""
    if len(set(learnt)) < 2 or not held_out:
        raise NotDeclarable(
            f"{len(learnt)} rows to learn from and {len(held_out)} held out are too few: bring more messages"
        )
    counts = dict(zip(target.labels, target.matrix(learnt).sum(0), strict=True))
    if absent := [label for label, count in counts.items() if not count]:
        listed = ", ".join(map(repr, absent))
        raise NotDeclarable(f"no row to learn from for {listed}: bring more messages of each, or leave the label out")


def floors(target: LabelSets, train: pd.DataFrame, test: pd.DataFrame) -> Gate:
    """Return a gate with the exact-set accuracy of the commonest set and the macro-F1 of TF-IDF, on held-out rows."""
    own = train[train["origin"] == SOURCE]
    truth, known = target.matrix(test["label"].tolist()), target.matrix(own["label"].tolist())
    tfidf_scores = set_scores(truth, tfidf(own["text"].tolist(), known, test["text"].tolist()))
    commonest_scores = set_scores(truth, commonest(own["label"].tolist(), len(test), target))
    limits = {
        "min_macro_f1": min(HIGHEST_FLOOR, round_down(tfidf_scores["macro_f1"])),
        "min_accuracy": round_down(commonest_scores["accuracy"]),
    }
    if not truth.any(0).all():  # a label without held-out texts cannot have a floor
        limits["min_recall"] = 0.0
    return Gate(margin=0.02, min_gain_over_baseline=0, **limits)


def describe(gate: Gate) -> str:
    """Return the floors as text for people."""
    return f"macro-F1 {gate.min_macro_f1:.3f} (TF-IDF), exact sets {gate.min_accuracy:.3f} (the commonest)"


def rarest_share(target: LabelSets, cells: Sequence[str]) -> float:
    """Return the share of texts with the rarest label."""
    return float(target.matrix(cells).mean(0).min())
