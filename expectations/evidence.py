"""What the expectations look at: the corpus as one table, and a column for each thing that no column of it says."""

from collections.abc import Callable, Mapping

import pandas as pd

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.language import language
from pipelines.kinds.known import find

COLUMNS = ("key", "text", "label", "validation", "origin", "weight")
DERIVED = ("split", "length", "language", "in_test")
# Texts of each split whose language is read: 0.1 ms each, and the standard error of a share is 1%.
SAMPLE = 2_000


def evidence(
    train: pd.DataFrame, test: pd.DataFrame, spec: ModelSpec, before: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Train above test; a column that one of them lacks is left out, and so is what would be derived from it.

    `before` holds the champion's label shares.
    """
    splits = [train.assign(split="train"), test.assign(split="test")]
    rows = pd.concat(splits, join="inner", ignore_index=True)
    known = set(rows.columns)
    derived = {name: derive(rows) for name, (sources, derive) in _DERIVATIONS.items() if sources <= known}
    if "label" in known:
        derived |= find(spec.kind).suite.derived(rows, spec.target, spec.rarest, before)
    return rows.assign(**derived)


def _length(rows: pd.DataFrame) -> pd.Series:
    return rows["text"].map(lambda text: len(text.strip()) if isinstance(text, str) else 0).astype(int)


def _language(rows: pd.DataFrame) -> pd.Series:
    sample = rows.sample(frac=1, random_state=7).groupby("split").head(SAMPLE)["text"]
    read = {row: language(text) for row, text in sample.items() if isinstance(text, str)}
    return pd.Series(read, index=rows.index, dtype=object)


def _in_test(rows: pd.DataFrame) -> pd.Series:
    trained = rows["split"] == "train"
    # Two texts with different keys may be one text once they are masked.
    tested = rows["key"].isin(rows.loc[~trained, "key"]) | rows["text"].isin(rows.loc[~trained, "text"])
    return rows["key"].astype(object).where(trained & tested, None)


def label_shares(train: pd.DataFrame, spec: ModelSpec) -> dict[str, float]:
    """How often each label occurs, as a share of the rows."""
    return find(spec.kind).suite.shares(train["label"], spec.target)


_DERIVATIONS: dict[str, tuple[set[str], Callable[[pd.DataFrame], "pd.Series"]]] = {
    "length": ({"text"}, _length),
    "language": ({"text"}, _language),
    "in_test": ({"key", "text"}, _in_test),
}
