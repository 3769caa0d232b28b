"""Pairs of rows that share a key, a few per row, so that their number grows no faster than that of the rows."""

import numpy as np
from numpy.typing import NDArray

from pipelines.ingestion.text_hashes import Hashes, Places, distinct, mixed

LIMIT = 4  # a row is compared with so many first rows of its bucket

Pairs = tuple[Places, Places]  # earlier rows, later rows


def bucket_pairs(keys: Hashes, rows: Places, labels: NDArray[np.int64], held_out: int) -> Pairs:
    """Pairs of one bucket: of a held-out row (those below `held_out`) with any other, and of others with one label."""
    any_label = _first_rows(keys, rows)
    leaks = (any_label[0] < held_out) & (any_label[1] >= held_out)
    learnt = rows >= held_out
    same_label = _first_rows(mixed(keys[learnt] + mixed(labels[rows[learnt]].astype(np.uint64))), rows[learnt])
    first = np.concatenate([any_label[0][leaks], same_label[0]])
    return first, np.concatenate([any_label[1][leaks], same_label[1]])


def distinct_pairs(pairs: list[Pairs]) -> Pairs:
    """Each pair once, by its later row, then its earlier one."""
    joined = [(second << 32) | first for first, second in pairs]
    values = distinct(np.concatenate([np.empty(0, dtype=np.int64), *joined]))
    return values & 0xFFFFFFFF, values >> 32


def _first_rows(keys: Hashes, rows: Places) -> Pairs:
    """Each row with the first LIMIT rows of its bucket that come before it."""
    order = np.lexsort((rows, keys))
    keys, rows = keys[order], rows[order]
    begins = np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)]
    start = np.maximum.accumulate(np.where(begins, np.arange(len(keys)), 0))
    position = np.arange(len(keys)) - start
    nth = [position > place for place in range(LIMIT)]
    first = np.concatenate([rows[start[later] + place] for place, later in enumerate(nth)])
    second = np.concatenate([rows[later] for later in nth])
    return first[first != second], second[first != second]
