"""A declaration of several labels per text, from a file with cells such as `delay;staff` or a column for each label."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from pydantic import ValidationError

from pipelines.catalog.spec import Gate, Source
from pipelines.ingestion.leakage_filter import SOURCE
from pipelines.ingestion.records import Record, read
from pipelines.kinds.declaring import (
    HIGHEST_FLOOR,
    MOST_LABELS,
    NotDeclarable,
    Written,
    down,
    require_columns,
    require_plain,
)
from pipelines.kinds.multilabel.set_baselines import commonest, tfidf
from pipelines.kinds.multilabel.set_metrics import set_scores
from pipelines.kinds.multilabel.target import LabelSets

SEPARATORS = (";", "|", ",", "/", "+")


def target(source: Source, written: Written) -> LabelSets:
    """The distinct labels of a source, sorted, or its columns; raises NotDeclarable."""
    require_columns(source.uri, (source.text, source.label, *written.columns))
    if written.columns:
        return _by_column(written.columns)
    separator = written.separator or ";"
    if separator != separator.strip():
        shorter = f"; give {separator.strip()!r}" if separator.strip() else ""
        raise NotDeclarable(f"the separator {separator!r} may not begin or end with space: space is ignored{shorter}")
    cells = [one.label for one in read(source.uri, source) if isinstance(one, Record) and one.label]
    if cells and not any(separator in cell for cell in cells):
        there = ", ".join(repr(one) for one in SEPARATORS if any(one in cell for cell in cells))
        hint = f"; cells hold {there}" if there else ": leave --separator out"
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
    """Cells of labels that are columns are written by us alone: with any separator that no label holds."""
    separator = next((one for one in SEPARATORS if not any(one in label for label in labels)), SEPARATORS[0])
    return _target(labels=tuple(labels), separator=separator, by_column=True)


def _target(**fields: Any) -> LabelSets:
    """Raises NotDeclarable where the labels cannot be told apart."""
    try:
        return LabelSets(**fields)
    except ValidationError as error:
        raise NotDeclarable("; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors())) from error


def require(target: LabelSets, learnt: Sequence[str], held_out: Sequence[str]) -> None:
    """Every label must be there in train, and not in every text."""
    if len(set(learnt)) < 2 or not held_out:
        raise NotDeclarable(
            f"{len(learnt)} rows to learn from and {len(held_out)} held out are too few: bring more messages"
        )
    counts = dict(zip(target.labels, target.matrix(learnt).sum(0), strict=True))
    if absent := [label for label, count in counts.items() if not count]:
        listed = ", ".join(map(repr, absent))
        raise NotDeclarable(f"no row to learn from for {listed}: bring more messages of each, or leave the label out")


def floors(target: LabelSets, train: pd.DataFrame, test: pd.DataFrame) -> Gate:
    """The share of texts that the commonest labels are right for, and the macro-F1 of TF-IDF, on held-out rows."""
    own = train[train["origin"] == SOURCE]
    truth, known = target.matrix(test["label"].tolist()), target.matrix(own["label"].tolist())
    simple = set_scores(truth, tfidf(own["text"].tolist(), known, test["text"].tolist()))
    common = set_scores(truth, commonest(own["label"].tolist(), len(test), target))
    found = {"macro_f1": min(HIGHEST_FLOOR, down(simple["macro_f1"])), "accuracy": down(common["accuracy"])}
    if not truth.any(0).all():  # a label that no held-out text has can be held to no floor
        found["recall"] = 0.0
    return Gate(margin=0.02, lead=0, **found)


def told(gate: Gate) -> str:
    """The floors, for people."""
    return f"macro-F1 {gate.macro_f1:.3f} (TF-IDF), exact sets {gate.accuracy:.3f} (the commonest)"


def rarest(target: LabelSets, cells: Sequence[str]) -> float:
    """The share of texts that have the rarest label."""
    return float(target.matrix(cells).mean(0).min())
