"""The Jaccard similarity of many pairs of texts, from their shingles."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipelines.ingestion.buckets import Pairs
from pipelines.ingestion.near_duplicates import MIN_SIMILARITY, SHINGLE
from pipelines.ingestion.text_column import TextColumn
from pipelines.ingestion.text_hashes import codes, distinct, windows

if TYPE_CHECKING:
    from scipy.sparse import csr_array

BATCH_PAIRS = 2**13


def similar(pairs: Pairs, texts: TextColumn) -> Pairs:
    """The pairs whose shingles reach MIN_SIMILARITY, and whose lengths do, in another order."""
    first, second = _neighbours_together(pairs, len(texts))
    batches = [slice(at, at + BATCH_PAIRS) for at in range(0, len(first), BATCH_PAIRS)]
    alike = [_are_similar(first[batch], second[batch], texts) for batch in batches]
    chosen = np.concatenate([np.empty(0, dtype=np.bool_), *alike])
    return first[chosen], second[chosen]


def _neighbours_together(pairs: Pairs, rows: int) -> Pairs:
    """The pairs in the order of their connected parts: the shingles of a row are then made once, not once a pair."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs[0]), dtype=np.int8), pairs), shape=(rows, rows))
    order = np.argsort(connected_components(graph, directed=False)[1][pairs[0]], kind="stable")
    return pairs[0][order], pairs[1][order]


def _are_similar(first: NDArray[np.int64], second: NDArray[np.int64], texts: TextColumn) -> NDArray[np.bool_]:
    rows = distinct(np.concatenate([first, second]))
    one, other = np.searchsorted(rows, first), np.searchsorted(rows, second)
    column = texts.select(rows)
    sets = _shingle_sets(column)
    shared = np.diff(sets[one].multiply(sets[other]).indptr)
    sizes, lengths = np.diff(sets.indptr), column.lengths()
    longer, shorter = np.maximum(lengths[one], lengths[other]), np.minimum(lengths[one], lengths[other])
    alike: NDArray[np.bool_] = shared >= MIN_SIMILARITY * (sizes[one] + sizes[other] - shared)
    return alike & (shorter >= MIN_SIMILARITY * longer)


def _shingle_sets(texts: TextColumn) -> "csr_array":
    """A row per text with a one for each of its shingles, by 31 bits of their hashes."""
    from scipy.sparse import csr_array

    columns, bounds = [np.empty(0, dtype=np.int32)], [np.zeros(1, dtype=np.int64)]
    for batch in texts.batches():
        hashes, ends = windows(codes([f" {text} " for text in batch]), SHINGLE)
        rows = np.arange(len(batch)).repeat(np.diff(ends)).astype(np.uint64)
        cells = distinct((rows << np.uint64(31)) | (hashes >> np.uint64(33)))
        counts = np.bincount((cells >> np.uint64(31)).astype(np.int64), minlength=len(batch))
        columns.append((cells & np.uint64(2**31 - 1)).astype(np.int32))
        bounds.append(np.cumsum(counts) + bounds[-1][-1])
    indices = np.concatenate(columns)
    sets = csr_array(
        (np.ones(len(indices), dtype=np.int32), indices, np.concatenate(bounds)), shape=(len(texts), 2**31 - 1)
    )
    sets.has_canonical_format = True
    return sets
