"""Detection of near duplicates by spelling: exact, in a fixed order, without sampling or hashing.

There are three rules on the skeleton of a text (no handles, addresses, placeholders, punctuation or case):
equal skeletons; in short texts one slipped letter; in all texts a Jaccard similarity of their 5-letter shingles of at
least 0.75, found by prefix filtering (Chaudhuri, Ganti and Kaushik, ICDE 2006; Bayardo, Ma and Srikant, WWW 2007).
"""

import math
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SHINGLE = 5
# One wrong letter in 39 leaves 0.75 of the shingles; "thank you" against "thank you so much" leaves 0.4.
MIN_SIMILARITY = 0.75
# Below ten letters a slip makes another word ("no", "now"); from forty on, the shingles detect it.
SLIP = range(10, 40)

_NOISE = re.compile(r"<[A-Z]+(?:-[A-Z]+)?>|https?://\S+|www\.\S+|@\w+(?:[.-]\w+)*")
_APOSTROPHE = re.compile(r"['’`´]")
_OTHER = re.compile(r"[^\w\U0001f000-\U0001faff\u2600-\u27bf]+")
_LETTERS = re.compile(r"[^\W\d_]+|\s")
# Chinese, Japanese and Korean: one character is a word, so another character is no slip.
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def skeleton(text: str) -> str:
    """The part of a text that spelling variants share; emoji stay, because they may be the whole message."""
    bare = _APOSTROPHE.sub("", _NOISE.sub(" ", text).casefold())
    return _OTHER.sub(" ", bare).strip() or text.casefold()


@dataclass(frozen=True)
class Signature:
    """The skeleton of a text and the ranks of its shingles, the rarest first."""

    skeleton: str
    ranks: "array[int]"


def signatures(texts: Iterable[str]) -> list[Signature]:
    """Signatures of all texts to compare, in their order; only signatures of one call are comparable."""
    skeletons = [skeleton(text) for text in texts]
    counts = Counter(shingle for bare in skeletons for shingle in _shingles(bare))
    rarest = sorted(counts, key=lambda shingle: (counts[shingle], shingle))
    ranks = {shingle: rank for rank, shingle in enumerate(rarest)}
    return [Signature(bare, array("l", sorted(ranks[shingle] for shingle in _shingles(bare)))) for bare in skeletons]


class Index:
    """Texts to detect near duplicates of: `add` some, then test another with `in`."""

    def __init__(self, texts: Iterable[Signature] = ()) -> None:
        self._skeletons: set[str] = set()
        self._slips: set[str] = set()
        self._texts: list[Signature] = []
        self._by_rank: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for text in texts:
            self.add(text)

    def add(self, text: Signature) -> None:
        """Add a text, unless one with the same skeleton is in the index."""
        if text.skeleton in self._skeletons:
            return
        self._skeletons.add(text.skeleton)
        self._slips.update(_slips(text.skeleton))
        for position, rank in enumerate(_prefix(text)):
            self._by_rank[rank].append((len(self._texts), position))
        self._texts.append(text)

    def __contains__(self, text: Signature) -> bool:
        if text.skeleton in self._skeletons or any(slip in self._slips for slip in _slips(text.skeleton)):
            return True
        ranks = set(text.ranks)
        return any(_is_similar(text, ranks, known) for known in self._candidates(text))

    def _candidates(self, text: Signature) -> Iterator[Signature]:
        """Texts that share a rare shingle and have enough shingles after it to reach MIN_SIMILARITY."""
        size, visited = len(text.ranks), set()
        for position, rank in enumerate(_prefix(text)):
            for index, other_position in self._by_rank.get(rank, ()):
                if index not in visited:
                    visited.add(index)
                    candidate = self._texts[index]
                    max_shared = min(size - position, len(candidate.ranks) - other_position)
                    if max_shared * (1 + MIN_SIMILARITY) >= MIN_SIMILARITY * (size + len(candidate.ranks)):
                        yield candidate


def _shingles(bare: str) -> set[str]:
    padded = f" {bare} "
    return {padded[start : start + SHINGLE] for start in range(max(1, len(padded) - SHINGLE + 1))}


def _slips(bare: str) -> Iterator[str]:
    """A short text, and it without each letter: texts one slip apart share one. Digits and emoji never slip."""
    if len(bare) in SLIP and not _IDEOGRAPH.search(bare):
        fixed = _LETTERS.sub("", bare)
        yield f"{fixed}:{bare}"
        for position in range(len(bare)):
            yield f"{fixed}:{bare[:position]}{bare[position + 1 :]}"


def _prefix(text: Signature) -> "array[int]":
    """The rarest shingles, as many as two similar sets must share one of."""
    size = len(text.ranks)
    return text.ranks[: size - math.ceil(MIN_SIMILARITY * size) + 1]


def _is_similar(text: Signature, ranks: set[int], other: Signature) -> bool:
    """Jaccard similarity; lengths are compared too, because "thanks thanks thanks" has the shingles of "thanks"."""
    shorter, longer = sorted((len(text.skeleton), len(other.skeleton)))
    shared = len(ranks.intersection(other.ranks))
    return shorter >= MIN_SIMILARITY * longer and shared >= MIN_SIMILARITY * (len(ranks) + len(other.ranks) - shared)
