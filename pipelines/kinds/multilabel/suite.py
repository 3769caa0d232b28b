"""Data checks of label sets: declared labels only, all present in train, not too rare, with stable shares."""

import math

import pandas as pd

from pipelines.kinds.multilabel.target import LabelSets
from pipelines.kinds.suite import AcceptedShares, ExpectationSpec, Shares

# Largest Jensen-Shannon divergence of a label, in nats: 20% of the texts may become 40%, and not 50%.
SHIFT = 0.03
COLUMNS = ("undeclared", "rare_label", "shifted_label")


def columns() -> tuple[str, ...]:
    """Return the names of the columns of undeclared cells, rare labels and shifted labels."""
    return COLUMNS


def derive(rows: pd.DataFrame, target: LabelSets, min_share: float, before: Shares | None) -> dict[str, pd.Series]:
    """Return the columns: invalid cells, and labels of train that are too rare or too far from the champion's share."""
    trained = rows["split"] == "train"
    observed = shares(rows.loc[trained, "label"], target)
    rare = {label for label in target.labels if observed[label] < min_share or not observed[label]}
    shifted = {
        label for label in target.labels if before and divergence(observed[label], before.get(label, 0.0)) > SHIFT
    }
    undeclared = rows["label"].map(lambda cell: target.read(cell) != cell)
    return {
        "undeclared": rows["label"].astype(object).where(undeclared, None),
        "rare_label": _first(trained, rare),
        "shifted_label": _first(trained, shifted),
    }


def expectations(_target: LabelSets, min_share: float, before: AcceptedShares | None) -> list[ExpectationSpec]:
    """Return the expectations: no undeclared cell, no rare label, no shifted label."""
    descriptions = {
        "undeclared": "Every cell holds declared labels, in their order.",
        "rare_label": f"Every label occurs in train, in at least {min_share:.2%} of the rows.",
    }
    if before:
        descriptions["shifted_label"] = (
            "The share of texts with each label is about what the champion learnt: "
            f"delete {before.file} in the state folder to accept others."
        )
    return [
        ExpectationSpec("ExpectColumnValuesToBeNull", {"column": column, "description": text})
        for column, text in descriptions.items()
    ]


def shares(cells: pd.Series, target: LabelSets) -> dict[str, float]:
    """Return the share of texts by label."""
    matrix = target.matrix([str(cell) for cell in cells])
    means = matrix.mean(0) if len(matrix) else [0.0] * len(target.labels)
    return {label: float(share) for label, share in zip(target.labels, means, strict=True)}


def shift(observed: Shares, before: Shares) -> float:
    """Return the largest divergence of a label's share from the champion's, in nats."""
    return max(divergence(share, before.get(label, 0.0)) for label, share in observed.items())


def comparable(observed: Shares, target: LabelSets) -> bool:
    """Return True if the shares are of the declared labels."""
    return set(observed) == set(target.labels)


def divergence(first: float, second: float) -> float:
    """Return the Jensen-Shannon divergence of two shares of the same label, in nats: 0 to 0.69."""
    middle = (first + second) / 2
    return _entropy(middle) - (_entropy(first) + _entropy(second)) / 2


def _entropy(share: float) -> float:
    return -sum(part * math.log(part) for part in (share, 1 - share) if part > 0)


def _first(trained: "pd.Series[bool]", labels: set[str]) -> pd.Series:
    """Return a column with one label in each of the first train rows, so that a failed check shows them."""
    column = pd.Series([None] * len(trained), index=trained.index, dtype=object)
    for index, label in zip(trained.index[trained], sorted(labels), strict=False):
        column[index] = label
    return column
