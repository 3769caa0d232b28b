"""Texts that are nearly the same, letter by letter: exact and in a fixed order, without sampling or hashing tricks.

Three rules, each on the skeleton of a text (no handles, addresses, placeholders, punctuation or case):
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
ALIKE = 0.75
# Below ten letters a slip makes another word ("no", "now"); from forty on, the shingles see it.
SLIP = range(10, 40)

_NOISE = re.compile(r"<[A-Z]+(?:-[A-Z]+)?>|https?://\S+|www\.\S+|@\w+(?:[.-]\w+)*")
_APOSTROPHE = re.compile(r"['’`´]")
_OTHER = re.compile(r"[^\w\U0001f000-\U0001faff\u2600-\u27bf]+")
_LETTERS = re.compile(r"[^\W\d_]+|\s")
# Chinese, Japanese and Korean: one character is a word there, so another character is no slip.
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def skeleton(text: str) -> str:
    """What two spellings of one message share; emoji stay, they may be all that a message says."""
    bare = _APOSTROPHE.sub("", _NOISE.sub(" ", text).casefold())
    return _OTHER.sub(" ", bare).strip() or text.casefold()


@dataclass(frozen=True)
class Print:
    """A text as the index knows it: its skeleton, and the ranks of its shingles, the rarest first."""

    skeleton: str
    ranks: "array[int]"


def prints(texts: Iterable[str]) -> list[Print]:
    """Prints of all texts that are to be compared, in their order; only prints of one call know each other."""
    skeletons = [skeleton(text) for text in texts]
    counts = Counter(shingle for bare in skeletons for shingle in _shingles(bare))
    rarest = sorted(counts, key=lambda shingle: (counts[shingle], shingle))
    ranks = {shingle: rank for rank, shingle in enumerate(rarest)}
    return [Print(bare, array("l", sorted(ranks[shingle] for shingle in _shingles(bare)))) for bare in skeletons]


class Index:
    """Texts to be recognised again: `add` some, then ask whether another is `in` it."""

    def __init__(self, known: Iterable[Print] = ()) -> None:
        self._skeletons: set[str] = set()
        self._slips: set[str] = set()
        self._known: list[Print] = []
        self._by_rank: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for text in known:
            self.add(text)

    def add(self, text: Print) -> None:
        """From now on this text and what is nearly the same are known."""
        if text.skeleton in self._skeletons:
            return
        self._skeletons.add(text.skeleton)
        self._slips.update(_slips(text.skeleton))
        for place, rank in enumerate(_prefix(text)):
            self._by_rank[rank].append((len(self._known), place))
        self._known.append(text)

    def __contains__(self, text: Print) -> bool:
        if text.skeleton in self._skeletons or any(slip in self._slips for slip in _slips(text.skeleton)):
            return True
        own = set(text.ranks)
        return any(_alike(text, own, known) for known in self._candidates(text))

    def _candidates(self, text: Print) -> Iterator[Print]:
        """Texts that share a rare shingle, if what follows it in both is long enough to reach ALIKE."""
        size, seen = len(text.ranks), set()
        for place, rank in enumerate(_prefix(text)):
            for number, other in self._by_rank.get(rank, ()):
                if number not in seen:
                    seen.add(number)
                    known = self._known[number]
                    most = min(size - place, len(known.ranks) - other)
                    if most * (1 + ALIKE) >= ALIKE * (size + len(known.ranks)):
                        yield known


def _shingles(bare: str) -> set[str]:
    padded = f" {bare} "
    return {padded[start : start + SHINGLE] for start in range(max(1, len(padded) - SHINGLE + 1))}


def _slips(bare: str) -> Iterator[str]:
    """A short text, and it without each letter: texts one slip apart share one. Digits and emoji never slip."""
    if len(bare) in SLIP and not _IDEOGRAPH.search(bare):
        fixed = _LETTERS.sub("", bare)
        yield f"{fixed}:{bare}"
        for place in range(len(bare)):
            yield f"{fixed}:{bare[:place]}{bare[place + 1 :]}"


def _prefix(text: Print) -> "array[int]":
    """The rarest shingles, so many that two alike sets share one."""
    size = len(text.ranks)
    return text.ranks[: size - math.ceil(ALIKE * size) + 1]


def _alike(one: Print, ranks: set[int], other: Print) -> bool:
    """Jaccard similarity; lengths are compared too, because "thanks thanks thanks" has the shingles of "thanks"."""
    shorter, longer = sorted((len(one.skeleton), len(other.skeleton)))
    shared = len(ranks.intersection(other.ranks))
    return shorter >= ALIKE * longer and shared >= ALIKE * (len(ranks) + len(other.ranks) - shared)
