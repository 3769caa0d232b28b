"""A column of many texts in one Arrow array: a third of the memory of a list of strings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.ingestion.text_hashes import Hashes, codes

BATCH_CHARACTERS = 2**20  # of the texts that are worked on at once: their arrays take about 50 MB
BATCH_TEXTS = 2**13


@dataclass(frozen=True)
class TextColumn:
    """Texts in one Arrow array, and the bounds of batches of about BATCH_CHARACTERS."""

    texts: pa.LargeStringArray
    bounds: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def batches(self) -> Iterator[list[str]]:
        """The texts in their order, batch by batch."""
        for first, last in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            yield self.texts.slice(first, last - first).to_pylist()

    def take(self, places: NDArray[np.int64]) -> list[str]:
        """The texts at some places."""
        return list(self.texts.take(pa.array(places)).to_pylist())

    def select(self, places: NDArray[np.int64]) -> "TextColumn":
        """A column of the texts at some places."""
        return _column([self.texts.take(pa.array(places))])

    def lengths(self) -> NDArray[np.int64]:
        """The number of characters of each text."""
        lengths: NDArray[np.int64] = pc.utf8_length(self.texts).to_numpy(zero_copy_only=False)
        return lengths

    def hashes(self) -> Hashes:
        """One hash per text."""
        hashes = [codes(batch).whole_hashes() for batch in self.batches()]
        return np.concatenate([np.empty(0, dtype=np.uint64), *hashes])


def text_column(texts: Iterable[str]) -> TextColumn:
    """A column of these texts."""
    return _column([pa.array(batch, type=pa.large_string()) for batch in _batches(texts)])


def _column(chunks: list[pa.LargeStringArray]) -> TextColumn:
    texts = chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks)
    ends = np.cumsum(pc.utf8_length(texts).to_numpy(zero_copy_only=False)) + np.arange(len(texts))
    numbers = np.maximum(ends // BATCH_CHARACTERS, np.arange(len(texts)) // BATCH_TEXTS)
    bounds = np.flatnonzero(np.diff(numbers, prepend=-1)).tolist()
    return TextColumn(texts, (*bounds, len(texts)))


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(texts)
    yield list(islice(iterator, BATCH_TEXTS))
    while batch := list(islice(iterator, BATCH_TEXTS)):
        yield batch
