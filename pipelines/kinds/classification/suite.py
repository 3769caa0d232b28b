"""Data checks of labels: declared, present in train, not too rare, with about the champion's shares."""

import math

import pandas as pd

from pipelines.kinds.classification.target import Labels
from pipelines.kinds.suite import AcceptedShares, ExpectationSpec, Shares

# Kullback-Leibler divergence in nats. Sentiment at 63/21/16% may become 50/28/22% (0.03) but not even thirds (0.18).
PRIOR_SHIFT = 0.1
# An undeclared label fails its own expectation; without this value it would also fail the prior's.
UNDECLARED = 1e-3


def columns() -> tuple[str, ...]:
    """Return the name of the column of rare labels."""
    return ("rare_label",)


def derive(rows: pd.DataFrame, target: Labels, min_share: float, _before: Shares | None) -> dict[str, pd.Series]:
    """Return the labels of train rows whose share is below `min_share`, else None."""
    trained = rows["split"] == "train"
    observed = shares(rows.loc[trained, "label"], target)
    rare = [label for label in target.labels if 0 < observed.get(label, 0) < min_share]
    return {"rare_label": rows["label"].astype(object).where(trained & rows["label"].isin(rare), None)}


def expectations(target: Labels, min_share: float, before: AcceptedShares | None) -> list[ExpectationSpec]:
    """Return the expectations: declared labels, all present, none too rare, and the prior."""
    labels = list(target.labels)
    present = {"value_set": labels, "description": "Every declared label occurs in train."}
    rare = {"description": f"Every label has at least {min_share:.2%} of train."}
    return [
        ExpectationSpec("ExpectColumnValuesToBeInSet", {"column": "label", "value_set": labels}),
        ExpectationSpec("ExpectColumnDistinctValuesToContainSet", {"column": "label", **present}, train_only=True),
        ExpectationSpec("ExpectColumnValuesToBeNull", {"column": "rare_label", **rare}),
        *([_prior(before)] if before else []),
    ]


def shares(cells: pd.Series, _target: Labels) -> dict[str, float]:
    """Return the share of the rows by label."""
    return {str(label): float(share) for label, share in cells.value_counts(normalize=True).items()}


def shift(observed: Shares, before: Shares) -> float:
    """Return the Kullback-Leibler divergence from the champion's shares, in nats."""
    return sum(share * math.log(share / max(before.get(label, 0.0), UNDECLARED)) for label, share in observed.items())


def comparable(observed: Shares, target: Labels) -> bool:
    """Return True if the shares are of the declared labels."""
    return set(observed) == set(target.labels)


def _prior(before: AcceptedShares) -> ExpectationSpec:
    arguments = {
        "column": "label",
        "partition_object": {"values": list(before.shares), "weights": list(before.shares.values())},
        "threshold": PRIOR_SHIFT,
        "tail_weight_holdout": UNDECLARED,
        "description": (
            "The label shares of train are about those that the champion learnt: "
            f"delete {before.file} in the state folder to accept others."
        ),
    }
    return ExpectationSpec("ExpectColumnKLDivergenceToBeLessThan", arguments, train_only=True)
