"""Copies of one text: one row of it stays, with the label of most copies."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.ingestion.message_columns import column, select
from pipelines.ingestion.text_hashes import Places


class Copy(NamedTuple):
    """One row of a text that several rows have; `place` is its row."""

    text: str
    line: int
    label: str
    place: int


@dataclass(frozen=True)
class Merged:
    """One row per text in the order of keys, and the rows that contradict them."""

    messages: pa.Table
    contradicting: pa.Table


def merge_copies(rows: pa.Table) -> Merged:
    """One row of each text: the majority label, and of its rows the first by text and line; none for a tie."""
    order = pc.sort_indices(column(rows, "key")).to_numpy().astype(np.int64)
    starts = _starts(column(rows, "key").take(pa.array(order)))
    sizes = np.diff(starts, append=len(order))
    chosen, contradicting = [order[starts[sizes == 1]]], [np.empty(0, dtype=np.int64)]
    repeated = np.flatnonzero(np.repeat(sizes > 1, sizes))
    for copies in _groups(rows, order[repeated], sizes[sizes > 1].tolist()):
        winner, others = choose(copies)
        chosen += [np.array([winner.place])] if winner else []
        contradicting.append(np.array([copy.place for copy in others], dtype=np.int64))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    places = np.concatenate(chosen)
    return Merged(select(rows, places[np.argsort(rank[places])]), select(rows, np.concatenate(contradicting)))


def choose(copies: Sequence[Copy]) -> tuple[Copy | None, list[Copy]]:
    """The copy that stays whatever the order of rows, None for a tie; and those of other labels, all for a tie."""
    ordered = sorted(copies)
    (label, count), *others = Counter(copy.label for copy in ordered).most_common(2)
    if others and others[0][1] == count:
        return None, ordered
    return next(copy for copy in ordered if copy.label == label), [copy for copy in ordered if copy.label != label]


def _starts(keys: pa.Array) -> Places:
    """The places at which another key begins."""
    if not len(keys):
        return np.empty(0, dtype=np.int64)
    differs = pc.not_equal(keys.slice(1), keys.slice(0, len(keys) - 1)).to_numpy(zero_copy_only=False)
    return np.flatnonzero(np.concatenate([[True], differs]))


def _groups(rows: pa.Table, places: Places, sizes: list[int]) -> Iterator[list[Copy]]:
    """The copies of each text that has several."""
    values = (column(rows, name).take(pa.array(places)).to_pylist() for name in ("text", "line", "label"))
    copies = map(Copy, *values, places.tolist())
    for size in sizes:
        yield [next(copies) for _ in range(size)]
