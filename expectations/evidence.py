"""What the expectations look at: the corpus as one table, and a column for each thing that no column of it says."""

from collections.abc import Callable

import pandas as pd

from pipelines.catalog import ModelSpec
from pipelines.ingestion.language import language

COLUMNS = ("key", "text", "label", "validation", "origin", "weight")
DERIVED = ("split", "length", "language", "in_test", "rare_label")
# Texts of each split whose language is read: 0.1 ms each, and the standard error of a share is 1%.
SAMPLE = 2_000


def evidence(train: pd.DataFrame, test: pd.DataFrame, spec: ModelSpec) -> pd.DataFrame:
    """Train above test; a column that one of them lacks is left out, and so is what would be derived from it."""
    splits = [train.assign(split="train"), test.assign(split="test")]
    rows = pd.concat(splits, join="inner", ignore_index=True)
    known = set(rows.columns)
    derived = {name: derive(rows, spec) for name, (sources, derive) in _DERIVATIONS.items() if sources <= known}
    return rows.assign(**derived)


def _length(rows: pd.DataFrame, _: ModelSpec) -> pd.Series:
    return rows["text"].map(lambda text: len(text.strip()) if isinstance(text, str) else 0).astype(int)


def _language(rows: pd.DataFrame, _: ModelSpec) -> pd.Series:
    sample = rows.sample(frac=1, random_state=7).groupby("split").head(SAMPLE)["text"]
    read = {row: language(text) for row, text in sample.items() if isinstance(text, str)}
    return pd.Series(read, index=rows.index, dtype=object)


def _in_test(rows: pd.DataFrame, _: ModelSpec) -> pd.Series:
    trained = rows["split"] == "train"
    # Two texts with different keys may be one text once they are masked.
    tested = rows["key"].isin(rows.loc[~trained, "key"]) | rows["text"].isin(rows.loc[~trained, "text"])
    return rows["key"].astype(object).where(trained & tested, None)


def _rare_label(rows: pd.DataFrame, spec: ModelSpec) -> pd.Series:
    trained = rows["split"] == "train"
    shares = label_shares(rows[trained])
    rare = [label for label in spec.labels if 0 < shares.get(label, 0) < spec.rarest]
    return rows["label"].astype(object).where(trained & rows["label"].isin(rare), None)


def label_shares(train: pd.DataFrame) -> dict[str, float]:
    """How often each label occurs, as a share of the rows."""
    return {str(label): float(share) for label, share in train["label"].value_counts(normalize=True).items()}


_DERIVATIONS: dict[str, tuple[set[str], Callable[[pd.DataFrame, ModelSpec], "pd.Series"]]] = {
    "length": ({"text"}, _length),
    "language": ({"text"}, _language),
    "in_test": ({"key", "text"}, _in_test),
    "rare_label": ({"label"}, _rare_label),
}
