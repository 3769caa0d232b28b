"""Hashes of substrings of many texts at once: polynomial prefix sums modulo 2^64 (Karp and Rabin, 1987)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)
Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]

_BASE = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2^64


@dataclass(frozen=True)
class Codes:
    """The characters of some texts one after the other, the bounds of each text, and the prefix sums of their hash."""

    characters: NDArray[np.uint32]
    bounds: Places
    sums: Hashes

    def hashes(self, starts: Places, ends: Places) -> Hashes:
        """One hash per substring: equal substrings have equal hashes, wherever they stand."""
        return mixed(self._values(starts, ends, starts))

    def whole_hashes(self) -> Hashes:
        """One hash per text."""
        return self.hashes(self.bounds[:-1], self.bounds[1:])

    def hashes_without(self, starts: Places, places: Places, ends: Places) -> Hashes:
        """One hash per substring without the character at one of its places; the hash of the rest as a text."""
        return mixed(self._values(starts, places, starts) + self._values(places + 1, ends, starts + 1))

    def _values(self, starts: Places, ends: Places, origin: Places) -> Hashes:
        values: Hashes = (self.sums[ends] - self.sums[starts]) * _powers(len(self.sums) + 1)[1][origin]
        return values


def codes(texts: Sequence[str]) -> Codes:
    """The characters and prefix sums of a batch of texts."""
    characters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    bounds = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)), out=bounds[1:])
    return coded(characters, bounds)


def coded(characters: NDArray[np.uint32], bounds: Places) -> Codes:
    """Characters with their prefix sums."""
    sums = np.zeros(len(characters) + 1, dtype=np.uint64)
    powers = _powers(len(sums) + 1)[0][: len(characters)]
    np.cumsum((characters.astype(np.uint64) + np.uint64(1)) * powers, out=sums[1:])
    return Codes(characters, bounds, sums)


def mixed(values: Hashes) -> Hashes:
    """Well distributed 64 bits of each value (the finaliser of SplitMix64; Steele, Lea and Flood, 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed_values: Hashes = values ^ (values >> np.uint64(31))
    return mixed_values


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """The different values in order; `np.unique` of NumPy 2.3 and 2.4 hashes them, and takes 15 times as long."""
    ordered = np.sort(values)
    different: NDArray[Number] = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]]
    return different


def windows(codes: Codes, size: int) -> tuple[Hashes, Places]:
    """The hashes of all substrings of `size` characters, text after text, and their bounds; a shorter text is one."""
    lengths = np.diff(codes.bounds)
    counts = np.maximum(1, lengths - size + 1)
    bounds = np.concatenate([[0], np.cumsum(counts)])
    starts = np.arange(bounds[-1]) + np.repeat(codes.bounds[:-1] - bounds[:-1], counts)
    ends = np.minimum(starts + size, np.repeat(codes.bounds[1:], counts))
    return codes.hashes(starts, ends), bounds


def _powers(size: int) -> tuple[Hashes, Hashes]:
    """The powers of the base and of its inverse, at least `size` of each."""
    return _power_tables(1 << max(20, (size - 1).bit_length()))


@lru_cache(2)
def _power_tables(size: int) -> tuple[Hashes, Hashes]:
    def powers(base: int) -> Hashes:
        factors = np.full(size, base, dtype=np.uint64)
        factors[0] = 1
        return np.cumprod(factors, dtype=np.uint64)

    return powers(_BASE), powers(pow(_BASE, -1, 2**64))
