"""A declaration of one label per text, from a file."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
from sklearn.metrics import accuracy_score, f1_score

from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import Source
from pipelines.ingestion.reading import quote
from pipelines.ingestion.records import Record, read
from pipelines.kinds.classification.baseline import chance_macro_f1, majority, tfidf
from pipelines.kinds.classification.target import Labels
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
from pipelines.kinds.labelled.spellings import canonical

FREE_TEXT = 20  # more values than this, with fewer than two rows each, are texts and no labels
NO_FLOORS = Gate(min_macro_f1=0, min_accuracy=0, margin=0.02, min_gain_over_baseline=0)


def target(source: Source, label_format: LabelFormat) -> DeclaredTarget:
    """Return the distinct labels of a source, sorted. Raises NotDeclarable if the column has no usable labels."""
    require_columns(source, (source.text, source.label))
    where = f"{source.uri}: the column {source.label!r}"
    _require_single(source, where)
    counts = label_counts(source, lambda cell: [cell])
    labels, notes = chosen_labels(counts, label_format)
    if not 2 <= len(labels) <= MOST_LABELS or FREE_TEXT < len(labels) > counts.total() / 2:
        raise NotDeclarable(
            f"{where} holds {len(labels):,} different values in {counts.total():,} labelled rows; "
            f"a label column has between 2 and {MOST_LABELS:,}, each with some rows"
        )
    require_plain(labels, where)
    _require_no_sets(counts, labels, where)
    return DeclaredTarget(Labels(labels=labels), notes)


def _require_single(source: Source, where: str) -> None:
    """Raise NotDeclarable if a cell is a list of several labels."""
    several = sum(isinstance(row, Record) and isinstance(row.label, tuple) for row in read(source.uri, source))
    if several:
        raise NotDeclarable(
            f"{where} holds lists of several labels in {several:,} rows: give --separator ';' to learn several labels "
            "per message, or write one label for each message"
        )


def _require_no_sets(counts: Counter[str], labels: Sequence[str], where: str) -> None:
    """Raise NotDeclarable if cells are labels of this file with a separator between them: `refund;urgent`."""
    forms = set(map(canonical, labels))
    for separator in SEPARATORS:
        enough = any if separator in ";|" else all
        sets = [cell for cell in counts if enough(part in forms for part in _parts(cell, separator))]
        if sets:
            rows = sum(counts[cell] for cell in sets)
            raise NotDeclarable(
                f"{where} holds several labels in {rows:,} rows, such as {quote(sets[:1])}: "
                f"give --separator '{separator}' to learn several labels per message, or write one label in each cell"
            )


def _parts(cell: str, separator: str) -> list[str]:
    """Return the parts of a cell in canonical form; the cell is no set if it has one part, or an empty one."""
    parts = [canonical(part) for part in cell.split(separator)]
    return parts if len(parts) > 1 and all(parts) else [""]


def require(_target: Labels, learnt: Sequence[str], held_out: Sequence[str]) -> None:
    """Raise NotDeclarable unless there are two labels to learn from, and a held-out row."""
    if len(set(learnt)) < 2 or not held_out:
        raise NotDeclarable(
            f"{len(learnt)} rows to learn from and {len(held_out)} held out are too few: two labels are needed to "
            "learn from, and a held-out row; bring more messages"
        )


def unlearnable(target: Labels, learnt: Sequence[str]) -> frozenset[str]:
    """Return the labels without a row to learn from."""
    return frozenset(target.labels) - set(learnt)


def floors(_target: Labels, train: pd.DataFrame, test: pd.DataFrame) -> Gate:
    """Return a gate with the accuracy of the majority, and the macro-F1 of TF-IDF or of chance, on held-out rows."""
    labels = train["label"].tolist()
    tfidf_answers = tfidf(train["text"].tolist(), labels, test["text"].tolist())
    majority_answers = majority(labels, len(test))
    macro_f1 = float(f1_score(test["label"], tfidf_answers, average="macro", zero_division=0.0))
    accuracy = float(accuracy_score(test["label"], majority_answers))
    # With meaningless labels TF-IDF scores below chance; a floor there would accept luck.
    floor = max(macro_f1, chance_macro_f1(test["label"].tolist()))
    limits = {"min_macro_f1": min(HIGHEST_FLOOR, round_down(floor)), "min_accuracy": round_down(accuracy)}
    if set(labels) - set(test["label"]):  # a label without held-out texts cannot have a floor
        limits["min_recall"] = 0.0
    return NO_FLOORS.model_copy(update=limits)


def describe(gate: Gate) -> str:
    """Return the floors as text for people."""
    macro_f1 = f"macro-F1 {gate.min_macro_f1:.3f} (the higher of TF-IDF and chance)"
    return f"{macro_f1}, accuracy {gate.min_accuracy:.3f} (majority)"


def rarest_share(_target: Labels, cells: Sequence[str]) -> float:
    """Return the share of the rarest label."""
    return min(Counter(cells).values()) / len(cells)
