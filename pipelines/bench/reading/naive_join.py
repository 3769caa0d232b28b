"""The peer: near duplicates by joining all texts that share a shingle, with pandas."""

import time
from collections.abc import Sequence

import pandas as pd

from pipelines.ingestion.near_duplicates import MIN_SIMILARITY, SHINGLE
from pipelines.ingestion.spelling import skeleton


def seconds_of_naive_join(texts: Sequence[str]) -> float:
    """The seconds of finding all pairs of similar texts."""
    started_at = time.perf_counter()
    similar_pairs(texts)
    return time.perf_counter() - started_at


def similar_pairs(texts: Sequence[str]) -> pd.DataFrame:
    """All pairs of texts whose shingles reach MIN_SIMILARITY: columns `first` and `second`."""
    shingles = [(row, shingle) for row, text in enumerate(texts) for shingle in _shingles(skeleton(text))]
    frame = pd.DataFrame(shingles, columns=["row", "shingle"])
    sizes = frame.groupby("row").size()
    joined = frame.merge(frame, on="shingle", suffixes=("_first", "_second")).query("row_first < row_second")
    pairs = joined.groupby(["row_first", "row_second"]).size().rename("shared").reset_index()
    union = pairs["row_first"].map(sizes) + pairs["row_second"].map(sizes) - pairs["shared"]
    similar = pairs[pairs["shared"] >= MIN_SIMILARITY * union]
    return similar.set_axis(["first", "second", "shared"], axis="columns")[["first", "second"]]


def _shingles(text: str) -> set[str]:
    padded = f" {text} "
    return {padded[start : start + SHINGLE] for start in range(max(1, len(padded) - SHINGLE + 1))}
