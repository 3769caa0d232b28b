"""Runs of words in many texts at once, by their hashes; a run weighs as much as eight words or 16 ideographs."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipelines.ingestion.text_hashes import Codes, Hashes, Places

WORD, IDEOGRAPH, RUN = 2, 1, 16  # weights
# Chinese, Japanese and Korean, as in near_duplicates.
_IDEOGRAPHS = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7A3))
_SPACE = ord(" ")

Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Runs:
    """All runs of a batch, text after text: the text's place, the bounds in the batch's characters, the hash."""

    text: Places
    starts: Places
    ends: Places
    hashes: Hashes

    def overlapping(self, values: Counts) -> Counts:
        """For each run the largest value among itself and the runs of its text that overlap it."""
        largest = values.copy()
        for shift in range(1, min(RUN, len(values))):
            overlap = (self.starts[shift:] < self.ends[:-shift]) & (self.text[shift:] == self.text[:-shift])
            np.maximum(largest[shift:], values[:-shift] * overlap, out=largest[shift:])
            np.maximum(largest[:-shift], values[shift:] * overlap, out=largest[:-shift])
        return largest

    def cover(self, chosen: Flags, size: int) -> Flags:
        """The characters of a batch of `size` characters that lie in one of the chosen runs."""
        steps = np.zeros(size + 1, dtype=np.int64)
        np.add.at(steps, self.starts[chosen], 1)
        np.add.at(steps, self.ends[chosen], -1)
        return np.cumsum(steps[:-1]) > 0


def runs(codes: Codes) -> Runs:
    """From each word the shortest run of words that weighs RUN, if its text is long enough."""
    word_weights = weights(codes)
    starts = np.flatnonzero(word_weights)
    total = np.concatenate([[0], np.cumsum(word_weights[starts])])
    last = np.searchsorted(total, total[:-1] + RUN) - 1  # place of the run's last word
    text = np.searchsorted(codes.bounds, starts, side="right") - 1
    inside = last < len(starts)
    inside[inside] = text[last[inside]] == text[inside]
    first_characters = starts[inside]
    ends = _word_ends(codes, word_weights)[starts[last[inside]]]
    return Runs(text[inside], first_characters, ends, codes.hashes(first_characters, ends))


def weights(codes: Codes) -> Counts:
    """For each character the weight of the word that it begins, 0 inside a word and for a space."""
    ideographs, spaces = _ideographs(codes), codes.characters == _SPACE
    begins = ~spaces
    begins[1:] &= ideographs[1:] | ideographs[:-1] | spaces[:-1]
    firsts = codes.bounds[:-1][codes.bounds[:-1] < len(begins)]
    begins[firsts] = ~spaces[firsts]
    word_weights: Counts = begins * np.where(ideographs, IDEOGRAPH, WORD)
    return word_weights


def text_weights(codes: Codes) -> Counts:
    """The weight of each text of a batch."""
    total = np.concatenate([[0], np.cumsum(weights(codes))])
    totals: Counts = total[codes.bounds[1:]] - total[codes.bounds[:-1]]
    return totals


def without(codes: Codes, covered: Flags) -> list[str]:
    """The texts of a batch without the covered characters: a space stands for them, and spaces are collapsed."""
    letters = np.where(covered, np.uint32(_SPACE), codes.characters)
    remaining = letters != _SPACE
    remaining[:-1] |= remaining[1:]  # of some spaces the last one
    joined = letters[remaining].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    bounds = np.concatenate([[0], np.cumsum(remaining)])[codes.bounds].tolist()
    return [joined[first:last].strip() for first, last in pairwise(bounds)]


def with_numbers(codes: Codes, covered: Flags) -> Flags:
    """The covered characters, and the pieces between them that hold numbers alone: the number of a ticket or a form."""
    letters = (codes.characters != _SPACE) & ~((codes.characters >= ord("0")) & (codes.characters <= ord("9")))
    begins = np.diff(covered, prepend=False)
    begins[codes.bounds[:-1][codes.bounds[:-1] < len(begins)]] = True
    pieces = np.cumsum(begins)
    has_letters = np.bincount(pieces, weights=letters) > 0
    extended: Flags = covered | ~has_letters[pieces]
    return extended


def _word_ends(codes: Codes, word_weights: Counts) -> Places:
    """For each character the place behind its word: the next space, the next word or the end of the text."""
    size = len(codes.characters)
    stops = np.full(size + 1, size, dtype=np.int64)
    stop = np.flatnonzero((word_weights > 0) | (codes.characters == _SPACE))
    stops[stop] = stop
    stops[codes.bounds] = codes.bounds
    return np.minimum.accumulate(stops[::-1])[::-1][1:]


def _ideographs(codes: Codes) -> Flags:
    letters = codes.characters
    if not len(letters) or letters.max() < _IDEOGRAPHS[0][0]:
        return np.zeros(len(letters), dtype=np.bool_)
    inside: Flags = np.logical_or.reduce([(letters >= first) & (letters <= last) for first, last in _IDEOGRAPHS])
    return inside
