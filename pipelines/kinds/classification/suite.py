"""Each label is declared, occurs in train and is not too rare; the shares are about those that the champion learnt."""

import math

import pandas as pd

from pipelines.kinds.classification.target import Labels
from pipelines.kinds.suite import Accepted, Promise, Shares

# Kullback-Leibler divergence in nats. Sentiment at 63/21/16% may become 50/28/22% (0.03) but not even thirds (0.18).
PRIOR_SHIFT = 0.1
# A label that nobody declared fails its own expectation; without this it would fail the prior's as well.
UNDECLARED = 1e-3


def columns() -> tuple[str, ...]:
    """The label where it is too rare."""
    return ("rare_label",)


def derived(rows: pd.DataFrame, target: Labels, least: float, _before: Shares | None) -> dict[str, pd.Series]:
    """The label of each train row where it has less than `least` of them."""
    trained = rows["split"] == "train"
    seen = shares(rows.loc[trained, "label"], target)
    rare = [label for label in target.labels if 0 < seen.get(label, 0) < least]
    return {"rare_label": rows["label"].astype(object).where(trained & rows["label"].isin(rare), None)}


def promises(target: Labels, least: float, before: Accepted | None) -> list[Promise]:
    """Declared, there, not rare; and the prior."""
    labels = list(target.labels)
    there = {"value_set": labels, "description": "Every declared label occurs in train."}
    rare = {"description": f"Every label has at least {least:.2%} of train."}
    return [
        Promise("ExpectColumnValuesToBeInSet", {"column": "label", "value_set": labels}),
        Promise("ExpectColumnDistinctValuesToContainSet", {"column": "label", **there}, train=True),
        Promise("ExpectColumnValuesToBeNull", {"column": "rare_label", **rare}),
        *([_prior(before)] if before else []),
    ]


def shares(cells: pd.Series, _target: Labels) -> dict[str, float]:
    """How often each label occurs, as a share of the rows."""
    return {str(label): float(share) for label, share in cells.value_counts(normalize=True).items()}


def shift(seen: Shares, before: Shares) -> float:
    """Kullback-Leibler divergence from the champion's shares, in nats."""
    return sum(share * math.log(share / max(before.get(label, 0.0), UNDECLARED)) for label, share in seen.items())


def comparable(seen: Shares, target: Labels) -> bool:
    """Whether the shares are of the declared labels."""
    return set(seen) == set(target.labels)


def _prior(before: Accepted) -> Promise:
    about = {
        "column": "label",
        "partition_object": {"values": list(before.shares), "weights": list(before.shares.values())},
        "threshold": PRIOR_SHIFT,
        "tail_weight_holdout": UNDECLARED,
        "description": (
            "The label shares of train are about those that the champion learnt: "
            f"delete {before.file} in the state folder to accept others."
        ),
    }
    return Promise("ExpectColumnKLDivergenceToBeLessThan", about, train=True)
