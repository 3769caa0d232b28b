"""Pairs of similar rows in a large corpus, by MinHash and slips; each pair is verified."""

import numpy as np
from numpy.typing import NDArray

from pipelines.ingestion.buckets import Pairs, bucket_pairs, distinct_pairs
from pipelines.ingestion.jaccard import similar
from pipelines.ingestion.minhash import BANDS, sketches
from pipelines.ingestion.near_duplicates import SHINGLE
from pipelines.ingestion.slips import slip_keys
from pipelines.ingestion.text_column import TextColumn

MAX_PARTS = 6  # bands whose pairs are held before repeated ones are removed


def similar_rows(texts: TextColumn, labels: NDArray[np.int64], held_out: int) -> Pairs:
    """Similar pairs of a held-out row (the first ones) and another, or of others with one label, by the later row."""
    pairs = similar(_candidates(texts, labels, held_out), texts)
    slips = [bucket_pairs(keys, rows, labels, held_out) for keys, rows in slip_keys(texts)]
    return distinct_pairs([pairs, *slips])


def _candidates(texts: TextColumn, labels: NDArray[np.int64], held_out: int) -> Pairs:
    """The pairs that share a bucket and look similar."""
    sketched, rows = sketches(texts, SHINGLE), np.arange(len(texts))
    pairs: list[Pairs] = []
    for band in range(BANDS):
        first, second = bucket_pairs(sketched.buckets[band].astype(np.uint64), rows, labels, held_out)
        alike = sketched.look_similar(first, second)
        pairs.append((first[alike], second[alike]))
        if len(pairs) > MAX_PARTS:  # many pairs share several buckets
            pairs = [distinct_pairs(pairs)]
    return distinct_pairs(pairs)
