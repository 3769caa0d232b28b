"""Declaration of several labels per text, from a file with cells such as `delay;staff` or a column for each label."""

from collections.abc import Collection, Sequence
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
    DeclaredTarget,
    LabelFormat,
    NotDeclarable,
    require_columns,
    require_plain,
    round_down,
)
from pipelines.kinds.labelled.label_choice import SEPARATORS, chosen_labels, label_counts
from pipelines.kinds.multilabel.baseline import commonest, tfidf
from pipelines.kinds.multilabel.set_metrics import set_scores
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.runtime.field_errors import field_sentences


def target(source: Source, label_format: LabelFormat) -> DeclaredTarget:
    """Return the distinct labels of a source, sorted, or its label columns. Raises NotDeclarable."""
    require_columns(source, (source.text, source.label, *label_format.columns))
    if label_format.columns:
        return _by_column(label_format)
    separator = label_format.separator or ";"
    if separator != separator.strip():
        hint = f"; give {separator.strip()!r}" if separator.strip() else ""
        raise NotDeclarable(f"the separator {separator!r} may not begin or end with space: space is ignored{hint}")
    where = f"{source.uri}: the column {source.label!r}"
    cells = {row.label for row in read(source.uri, source) if isinstance(row, Record) and row.label}
    _require_separated(cells, separator, where)
    counts = label_counts(source, lambda cell: [part.strip() for part in cell.split(separator) if part.strip()])
    labels, notes = chosen_labels(counts, label_format)
    if not 1 <= len(labels) <= MOST_LABELS:
        raise NotDeclarable(
            f"{where} holds {len(labels)} different labels between {separator!r}; there may be 1 to {MOST_LABELS:,}"
        )
    require_plain(labels, where)
    return DeclaredTarget(_target(labels=labels, separator=separator), notes)


def _require_separated(cells: Collection[str | tuple[str, ...]], separator: str, where: str) -> None:
    """Raise NotDeclarable if no cell holds several labels."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    if len(texts) < len(cells) or not texts or any(separator in cell for cell in texts):
        return
    others = ", ".join(repr(mark) for mark in SEPARATORS if any(mark in cell for cell in texts))
    hint = f"; cells hold {others}" if others else ": leave --separator out"
    raise NotDeclarable(f"{where} holds {separator!r} in no cell{hint}")


def _by_column(label_format: LabelFormat) -> DeclaredTarget:
    """Return the target of label columns; its cells are never in a file, so any separator that no label has will do."""
    labels = tuple(label for label in label_format.columns if label not in label_format.without)
    separator = next((mark for mark in SEPARATORS if not any(mark in label for label in labels)), SEPARATORS[0])
    absent = ", ".join(map(repr, sorted(label_format.without)))
    notes = (f"{absent}: left out, because no row to learn from has them",) if absent else ()
    return DeclaredTarget(_target(labels=labels, separator=separator, by_column=True), notes)


def _target(**fields: Any) -> LabelSets:
    """Return a target. Raises NotDeclarable if its fields are invalid."""
    try:
        return LabelSets(**fields)
    except ValidationError as error:
        raise NotDeclarable(field_sentences(error.errors())) from error


def require(target: LabelSets, learnt: Sequence[str], held_out: Sequence[str]) -> None:
    """Raise NotDeclarable unless there are two different cells to learn from, and held-out rows."""
    del target
    if len(set(learnt)) < 2 or not held_out:
        raise NotDeclarable(
            f"{len(learnt)} rows to learn from and {len(held_out)} held out are too few: bring more messages"
        )


def unlearnable(target: LabelSets, learnt: Sequence[str]) -> frozenset[str]:
    """Return the labels without a row to learn from."""
    counts = zip(target.labels, target.matrix(learnt).sum(0), strict=True)
    return frozenset(label for label, count in counts if not count)


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
