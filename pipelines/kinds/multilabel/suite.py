"""Each set holds declared labels only, each label occurs in train and is not too rare, and their shares hold."""

import math

import pandas as pd

from pipelines.kinds.multilabel.target import LabelSets
from pipelines.kinds.suite import Accepted, Promise, Shares

# Jensen-Shannon divergence in nats, of the label that moved most: 20% of the texts may become 40%, and not 50%.
SHIFT = 0.03
COLUMNS = ("undeclared", "rare_label", "shifted_label")


def columns() -> tuple[str, ...]:
    """What is wrong with a cell, and a label that is too rare or was moved too far."""
    return COLUMNS


def derived(rows: pd.DataFrame, target: LabelSets, least: float, before: Shares | None) -> dict[str, pd.Series]:
    """The cell where it is none; of train rows a label that is too rare, and one whose share is not the champion's."""
    trained = rows["split"] == "train"
    seen = shares(rows.loc[trained, "label"], target)
    rare = {label for label in target.labels if seen[label] < least or not seen[label]}
    moved = {label for label in target.labels if before and divergence(seen[label], before.get(label, 0.0)) > SHIFT}
    strange = rows["label"].map(lambda cell: target.read(cell) != cell)
    return {
        "undeclared": rows["label"].astype(object).where(strange, None),
        "rare_label": _first(trained, rare),
        "shifted_label": _first(trained, moved),
    }


def promises(_target: LabelSets, least: float, before: Accepted | None) -> list[Promise]:
    """Nothing undeclared, nothing rare, nothing moved too far."""
    told = {
        "undeclared": "Every cell holds declared labels, in their order.",
        "rare_label": f"Every label occurs in train, in at least {least:.2%} of the rows.",
    }
    if before:
        told["shifted_label"] = (
            "The share of texts with each label is about what the champion learnt: "
            f"delete {before.file} in the state folder to accept others."
        )
    return [
        Promise("ExpectColumnValuesToBeNull", {"column": column, "description": said}) for column, said in told.items()
    ]


def shares(cells: pd.Series, target: LabelSets) -> dict[str, float]:
    """The share of texts that have each label."""
    found = target.matrix([str(cell) for cell in cells])
    means = found.mean(0) if len(found) else [0.0] * len(target.labels)
    return {label: float(share) for label, share in zip(target.labels, means, strict=True)}


def shift(seen: Shares, before: Shares) -> float:
    """The divergence of the label that moved most, in nats."""
    return max(divergence(share, before.get(label, 0.0)) for label, share in seen.items())


def comparable(seen: Shares, target: LabelSets) -> bool:
    """Whether the shares are of the declared labels."""
    return set(seen) == set(target.labels)


def divergence(one: float, other: float) -> float:
    """Jensen-Shannon divergence of two shares of the same thing, in nats: 0 to 0.69."""
    middle = (one + other) / 2
    return _entropy(middle) - (_entropy(one) + _entropy(other)) / 2


def _entropy(share: float) -> float:
    return -sum(part * math.log(part) for part in (share, 1 - share) if part > 0)


def _first(trained: "pd.Series[bool]", labels: set[str]) -> pd.Series:
    """The labels, one in each of the first train rows: a check shows some of what it finds."""
    found = pd.Series([None] * len(trained), index=trained.index, dtype=object)
    for place, label in zip(trained.index[trained], sorted(labels), strict=False):
        found[place] = label
    return found
