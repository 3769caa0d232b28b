"""A declaration of one label per text, from a file."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
from sklearn.metrics import accuracy_score, f1_score

from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import Source
from pipelines.ingestion.records import Record, read
from pipelines.kinds.classification.baseline import chance_macro_f1, majority, tfidf
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.declaring import (
    HIGHEST_FLOOR,
    MOST_LABELS,
    LabelFormat,
    NotDeclarable,
    require_columns,
    require_plain,
    round_down,
)

NO_FLOORS = Gate(min_macro_f1=0, min_accuracy=0, margin=0.02, min_gain_over_baseline=0)


def target(source: Source, _label_format: LabelFormat) -> Labels:
    """Return the distinct labels of a source, sorted. Raises NotDeclarable if the column has no usable labels."""
    require_columns(source.uri, (source.text, source.label))
    labels = {row.label for row in read(source.uri, source) if isinstance(row, Record) and row.label}
    if not 2 <= len(labels) <= MOST_LABELS:
        raise NotDeclarable(
            f"{source.uri}: the column {source.label!r} holds {len(labels)} different values; "
            f"a label column has between 2 and {MOST_LABELS}"
        )
    require_plain(sorted(labels), f"{source.uri}: the column {source.label!r}")
    return Labels(labels=tuple(sorted(labels)))


def require(target: Labels, learnt: Sequence[str], held_out: Sequence[str]) -> None:
    """Raise NotDeclarable unless train has every label and the test split at least two."""
    if len(set(learnt)) < 2 or len(set(held_out)) < 2:
        raise NotDeclarable(
            f"{len(learnt)} rows to learn from and {len(held_out)} held out are too few: "
            "both need at least two labels; bring more messages"
        )
    counts = Counter(held_out)
    if absent := sorted(set(target.labels) - set(learnt)):
        listed = ", ".join(f"{label!r} (0 of {counts[label]} usable rows)" for label in absent)
        raise NotDeclarable(
            f"no row to learn from for {listed}: the others are held out by their hash; "
            "bring more messages of each, or merge it with another label, or remove its rows"
        )


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
