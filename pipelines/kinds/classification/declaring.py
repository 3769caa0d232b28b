"""A declaration of one label per text, from a file."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
from sklearn.metrics import accuracy_score, f1_score

from pipelines.catalog.spec import Gate, Source
from pipelines.ingestion.records import Record, read
from pipelines.kinds.classification.label_baselines import blind, majority, tfidf
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.declaring import (
    HIGHEST_FLOOR,
    MOST_LABELS,
    NotDeclarable,
    Written,
    down,
    require_columns,
    require_plain,
)

OPEN = Gate(macro_f1=0, accuracy=0, margin=0.02, lead=0)


def target(source: Source, _written: Written) -> Labels:
    """The distinct labels of a source, sorted; raises NotDeclarable where the column holds no labels."""
    require_columns(source.uri, (source.text, source.label))
    found = {one.label for one in read(source.uri, source) if isinstance(one, Record) and one.label}
    if not 2 <= len(found) <= MOST_LABELS:
        raise NotDeclarable(
            f"{source.uri}: the column {source.label!r} holds {len(found)} different values; "
            f"a label column has between 2 and {MOST_LABELS}"
        )
    require_plain(sorted(found), f"{source.uri}: the column {source.label!r}")
    return Labels(labels=tuple(sorted(found)))


def require(target: Labels, learnt: Sequence[str], held_out: Sequence[str]) -> None:
    """Validation asks for every label in train, and a score for two in test."""
    if len(set(learnt)) < 2 or len(set(held_out)) < 2:
        raise NotDeclarable(
            f"{len(learnt)} rows to learn from and {len(held_out)} held out are too few: "
            "both need at least two labels; bring more messages"
        )
    kept = Counter(held_out)
    if absent := sorted(set(target.labels) - set(learnt)):
        listed = ", ".join(f"{label!r} (0 of {kept[label]} usable rows)" for label in absent)
        raise NotDeclarable(
            f"no row to learn from for {listed}: the others are held out by their hash; "
            "bring more messages of each, or merge it with another label, or remove its rows"
        )


def floors(_target: Labels, train: pd.DataFrame, test: pd.DataFrame) -> Gate:
    """The majority's accuracy, and the macro-F1 of TF-IDF and of chance on held-out rows."""
    learnt = train["label"].tolist()
    simple, common = tfidf(train["text"].tolist(), learnt, test["text"].tolist()), majority(learnt, len(test))
    macro_f1 = float(f1_score(test["label"], simple, average="macro", zero_division=0.0))
    accuracy = float(accuracy_score(test["label"], common))
    # Labels without meaning leave TF-IDF under what chance reaches, and a floor there lets luck through.
    floor = max(macro_f1, blind(test["label"].tolist()))
    found = {"macro_f1": min(HIGHEST_FLOOR, down(floor)), "accuracy": down(accuracy)}
    if set(learnt) - set(test["label"]):  # a label that no held-out text has can be held to no floor
        found["recall"] = 0.0
    return OPEN.model_copy(update=found)


def told(gate: Gate) -> str:
    """The floors, for people."""
    macro_f1 = f"macro-F1 {gate.macro_f1:.3f} (TF-IDF or chance, whichever is more)"
    return f"{macro_f1}, accuracy {gate.accuracy:.3f} (majority)"


def rarest(_target: Labels, cells: Sequence[str]) -> float:
    """The share of the rarest label."""
    return min(Counter(cells).values()) / len(cells)
