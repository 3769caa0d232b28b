"""Pairs of similar rows in a large corpus, by MinHash and slips; each pair is verified."""

import numpy as np
from numpy.typing import NDArray

from pipelines.ingestion.buckets import Pairs, bucket_pairs, distinct_pairs
from pipelines.ingestion.jaccard import similar
from pipelines.ingestion.minhash import BANDS, sketches
from pipelines.ingestion.near_duplicates import SHINGLE
from pipelines.ingestion.slips import slip_keys
from pipelines.ingestion.text_column import TextColumn


def similar_rows(texts: TextColumn, labels: NDArray[np.int64], held_out: int) -> Pairs:
    """Similar pairs of a held-out row (the first ones) and another, or of others with one label, by the later row."""
    pairs = similar(_candidates(texts, labels, held_out), texts)
    slips = [bucket_pairs(keys, rows, labels, held_out) for keys, rows in slip_keys(texts)]
    return distinct_pairs([pairs, *slips])


def _candidates(texts: TextColumn, labels: NDArray[np.int64], held_out: int) -> Pairs:
    """The pairs that share a bucket and look similar."""
    sketched, rows = sketches(texts, SHINGLE), np.arange(len(texts))
    pairs = distinct_pairs([])
    for band in range(BANDS):
        found = bucket_pairs(sketched.buckets[band].astype(np.uint64), rows, labels, held_out)
        alike = sketched.look_similar(*found)
        pairs = distinct_pairs([pairs, (found[0][alike], found[1][alike])])
    return pairs
