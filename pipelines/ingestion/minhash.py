"""MinHash sketches of many texts: rows of one bucket of a band are candidates for near duplicates.

Broder, "On the resemblance and containment of documents" (1997); Leskovec, Rajaraman and Ullman, "Mining of Massive
Datasets", 3.4. With 21 bands of 6 values two texts of similarity 0.75 share a bucket with probability 0.983, of 0.85
with 0.99995, of 0.5 with 0.28.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.ingestion.text_column import TextColumn
from pipelines.ingestion.text_hashes import Hashes, Places, codes, mixed, windows

BANDS, BAND_VALUES, SEED = 21, 6, 1
ESTIMATE_VALUES = 64
# Standard error of the estimate of 0.75 by 64 values: 0.054, so that three in a thousand similar pairs lie below.
MIN_ESTIMATE = 0.6
_SLICE = 2**17


@dataclass(frozen=True)
class Sketches:
    """One column per band with the bucket of each text, and per text the low bytes of 64 minimal hashes."""

    buckets: NDArray[np.uint32]
    low_bytes: NDArray[np.uint8]

    def look_similar(self, first: Places, second: Places) -> NDArray[np.bool_]:
        """True where the estimated similarity of two texts reaches MIN_ESTIMATE."""
        alike = [
            (self.low_bytes[first[at : at + _SLICE]] == self.low_bytes[second[at : at + _SLICE]]).sum(axis=1)
            for at in range(0, len(first), _SLICE)
        ]
        return np.concatenate([np.empty(0, dtype=np.int64), *alike]) >= MIN_ESTIMATE * ESTIMATE_VALUES


def sketches(texts: TextColumn, shingle: int) -> Sketches:
    """The sketches of the shingles of all texts."""
    buckets = np.empty((BANDS, len(texts)), dtype=np.uint32)
    low_bytes = np.empty((len(texts), ESTIMATE_VALUES), dtype=np.uint8)
    for first, values in zip(texts.bounds, _minima(texts, shingle), strict=False):
        rows = slice(first, first + len(values))
        low_bytes[rows] = values[:, :ESTIMATE_VALUES]
        buckets[:, rows] = _buckets(values).T
    return Sketches(buckets, low_bytes)


def _minima(texts: TextColumn, shingle: int) -> Iterator[NDArray[np.uint32]]:
    """The minimal hashes of the texts, batch by batch."""
    from rensa import RMinHash

    for batch in texts.batches():
        hashes, bounds = windows(codes([f" {text} " for text in batch]), shingle)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(
            hashes, bounds.astype(np.uint64), BANDS * BAND_VALUES, SEED
        )
        yield np.array(matrix.to_rows(), dtype=np.uint32).reshape(len(batch), BANDS * BAND_VALUES)


def _buckets(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """32 bits of the hash of each band's values."""
    bands: Hashes = np.zeros((len(values), BANDS), dtype=np.uint64)
    for place in range(BAND_VALUES):
        bands = mixed(bands + values[:, place::BAND_VALUES])
    return (bands >> np.uint64(32)).astype(np.uint32)
