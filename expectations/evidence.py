"""The table that expectations check: train and test as one table, with derived columns."""

from collections.abc import Callable, Mapping

import pandas as pd

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.language import language
from pipelines.kinds.known import find_kind

COLUMNS = ("key", "text", "label", "validation", "origin", "weight")
DERIVED = ("split", "length", "language", "in_test")
# Number of texts per split whose language is detected: 0.1 ms each, and the standard error of a share is 1%.
SAMPLE = 2_000


def evidence(
    train: pd.DataFrame, test: pd.DataFrame, spec: ModelSpec, before: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Train above test; a column missing in one of them is left out, with the columns derived from it.

    `before` holds the champion's label shares.
    """
    splits = [train.assign(split="train"), test.assign(split="test")]
    rows = pd.concat(splits, join="inner", ignore_index=True)
    known = set(rows.columns)
    derived = {name: derive(rows) for name, (sources, derive) in _DERIVATIONS.items() if sources <= known}
    if "label" in known:
        derived |= find_kind(spec.kind).suite.derive(rows, spec.target, spec.min_label_share, before)
    return rows.assign(**derived)


def _length(rows: pd.DataFrame) -> pd.Series:
    return rows["text"].map(lambda text: len(text.strip()) if isinstance(text, str) else 0).astype(int)


def _language(rows: pd.DataFrame) -> pd.Series:
    sample = rows.sample(frac=1, random_state=7).groupby("split").head(SAMPLE)["text"]
    languages = {row: language(text) for row, text in sample.items() if isinstance(text, str)}
    return pd.Series(languages, index=rows.index, dtype=object)


def _in_test(rows: pd.DataFrame) -> pd.Series:
    in_train = rows["split"] == "train"
    # Two texts with different keys may be equal after masking.
    tested = rows["key"].isin(rows.loc[~in_train, "key"]) | rows["text"].isin(rows.loc[~in_train, "text"])
    return rows["key"].astype(object).where(in_train & tested, None)


def label_shares(train: pd.DataFrame, spec: ModelSpec) -> dict[str, float]:
    """The share of each label in the rows."""
    return find_kind(spec.kind).suite.shares(train["label"], spec.target)


_DERIVATIONS: dict[str, tuple[set[str], Callable[[pd.DataFrame], "pd.Series"]]] = {
    "length": ({"text"}, _length),
    "language": ({"text"}, _language),
    "in_test": ({"key", "text"}, _in_test),
}
