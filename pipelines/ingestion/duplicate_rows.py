"""Rows of a corpus that leave it: near duplicates of held-out rows, and of earlier rows with the same label.

Up to SMALL rows are compared exactly. More rows are compared by MinHash (minhash.py) and verified by their shingles, so
that no other row leaves, and a few similar rows stay: docs/results/reading.md states how many.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from pipelines.ingestion import near_duplicates
from pipelines.ingestion.buckets import Pairs
from pipelines.ingestion.frames import find_frames
from pipelines.ingestion.similar_rows import similar_rows
from pipelines.ingestion.spelling import skeleton
from pipelines.ingestion.text_column import TextColumn, text_column
from pipelines.ingestion.text_hashes import Hashes, Places, codes, mixed
from pipelines.runtime.memory import return_unused_memory

SMALL = 20_000
STAYS, LEAKS, REPEATS = 0, 1, 2

Fates = NDArray[np.int8]


def fates(held_out: Collection[str], texts: Collection[str], labels: Sequence[Hashable]) -> Fates:
    """STAYS, LEAKS or REPEATS for each text. Earlier texts take precedence; labels are compared for equality."""
    if len(held_out) + len(texts) <= SMALL:
        return exact_fates(held_out, texts, labels)
    return approximate_fates(held_out, texts, labels)


def exact_fates(held_out: Collection[str], texts: Collection[str], labels: Sequence[Hashable]) -> Fates:
    """The fates by comparing each text with all that it may be similar to."""
    signatures = near_duplicates.signatures([*held_out, *texts])
    known = near_duplicates.Index(signatures[: len(held_out)])
    by_label = {label: near_duplicates.Index() for label in labels}
    result = np.full(len(texts), STAYS, dtype=np.int8)
    for place, (signature, label) in enumerate(zip(signatures[len(held_out) :], labels, strict=True)):
        if signature in known:
            result[place] = LEAKS
        elif signature in by_label[label]:
            result[place] = REPEATS
        else:
            by_label[label].add(signature)
    return result


def nearly(known: Sequence[str], texts: Sequence[str]) -> list[bool]:
    """For each text whether it is nearly a known one, by MinHash: of rows that `fates` leaves, none is.

    A frame is proven by half as many messages too, because `fates` has removed some of them.
    """
    near = approximate_fates(known, texts, range(len(texts))) == LEAKS
    if near.any():
        near &= approximate_fates(known, texts, range(len(texts)), frame_scale=0.5) == LEAKS
    return [bool(flag) for flag in near]


def approximate_fates(
    held_out: Collection[str], texts: Collection[str], labels: Sequence[Hashable], frame_scale: float = 1.0
) -> Fates:
    """The fates by MinHash, in time and memory linear in the number of texts."""
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    label_numbers = np.array([numbers[label] for label in labels], dtype=np.int64)
    return _fates(_compare(chain(held_out, texts), frame_scale), label_numbers, len(held_out))


@dataclass(frozen=True)
class _Compared:
    """The compared part of each row, its hash, and whether only an equal text is the same message."""

    texts: TextColumn
    keys: Hashes
    whole: NDArray[np.bool_]

    def search(self, rows: Places) -> Places:
        """Those of some rows that similar rows are searched for."""
        chosen: Places = rows[~self.whole[rows]]
        return chosen


def _compare(rows: Iterable[str], frame_scale: float) -> _Compared:
    skeletons = text_column(map(skeleton, rows))
    frames = find_frames(skeletons, frame_scale)
    keys, whole = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.bool_)]

    def texts() -> Iterator[str]:
        for batch in near_duplicates.comparables(skeletons, frames):
            flags = np.array([item.whole for item in batch], dtype=np.bool_)
            keys.append(mixed(codes([item.text for item in batch]).whole_hashes() + flags.astype(np.uint64)))
            whole.append(flags)
            yield from (item.text for item in batch)

    column = text_column(texts())
    return _Compared(column, np.concatenate(keys), np.concatenate(whole))


def _fates(compared: _Compared, labels: NDArray[np.int64], held_out: int) -> Fates:
    """Rows that are equal share the fate of the first of them; the first ones are compared with each other."""
    keys = compared.keys[held_out:]
    _, firsts, first_of = np.unique(
        mixed(keys + mixed(labels.astype(np.uint64))), return_index=True, return_inverse=True
    )
    result = np.full(len(labels), STAYS, dtype=np.int8)
    result[np.isin(keys, compared.keys[:held_out])] = LEAKS
    test_rows = compared.search(np.unique(compared.keys[:held_out], return_index=True)[1])
    train_rows = compared.search(np.sort(firsts[result[firsts] == STAYS]) + held_out)
    rows = np.concatenate([np.sort(test_rows), train_rows])
    row_labels = np.concatenate([np.zeros(len(test_rows), dtype=np.int64), labels[train_rows - held_out]])
    texts = compared.texts.select(rows)
    del compared  # its texts are as large as those of a whole corpus
    return_unused_memory()
    pairs = similar_rows(texts, row_labels, len(test_rows))
    result[train_rows - held_out] = _decide(pairs, len(rows), len(test_rows))[len(test_rows) :]
    repeats = np.where(result[firsts] == LEAKS, LEAKS, REPEATS)[first_of].astype(np.int8)
    repeats[firsts] = result[firsts]
    return repeats


def _decide(pairs: Pairs, rows: int, held_out: int) -> Fates:
    """The fate of each row: what is similar to a held-out row leaks, what is similar to a row that stays repeats it."""
    result = np.full(rows, STAYS, dtype=np.int8)
    first, second = pairs
    result[second[first < held_out]] = LEAKS
    open_pairs = (first >= held_out) & (result[second] == STAYS)
    decided = result.tolist()
    for earlier, later in zip(first[open_pairs].tolist(), second[open_pairs].tolist(), strict=True):
        if decided[earlier] == STAYS:
            decided[later] = REPEATS
    return np.array(decided, dtype=np.int8)
