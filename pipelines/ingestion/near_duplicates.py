"""Detection of near duplicates by spelling: exact, in a fixed order, without sampling or hashing.

There are three rules on the skeleton of a text (spelling.py) without its frames (frames.py):
equal skeletons; in short texts one slipped letter; in all texts a Jaccard similarity of their 5-letter shingles of at
least 0.75, found by prefix filtering (Chaudhuri, Ganti and Kaushik, ICDE 2006; Bayardo, Ma and Srikant, WWW 2007).
"""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from pipelines.ingestion.frames import Frames, find_frames
from pipelines.ingestion.spelling import SLIP, may_slip, never_slips, skeleton
from pipelines.ingestion.text_column import TextColumn, text_column

SHINGLE = 5
# One wrong letter in 39 leaves 0.75 of the shingles; "thank you" against "thank you so much" leaves 0.4.
MIN_SIMILARITY = 0.75


@dataclass(frozen=True, slots=True)
class Comparable:
    """The part of a text that is compared; `whole`: only an equal text is the same message."""

    text: str
    whole: bool = False


def comparables(skeletons: TextColumn, frames: Frames) -> Iterator[list[Comparable]]:
    """The compared part of each text, batch by batch: the words beside its frames.

    Below ten letters a content says little without its frame: "yes" answers another question in another form.
    """
    for batch in skeletons.batches():
        yield [
            Comparable(parts.content) if not parts.frame or len(parts.content) >= SLIP.start else Comparable(bare, True)
            for bare, parts in zip(batch, frames.split(batch), strict=True)
        ]


@dataclass(frozen=True)
class Signature:
    """The compared part of a text and the ranks of its shingles, the rarest first; none if only equality counts."""

    skeleton: str
    ranks: "array[int]"


def signatures(texts: Iterable[str], frame_scale: float = 1.0) -> list[Signature]:
    """Signatures of all texts to compare, in their order; only signatures of one call are comparable."""
    skeletons = text_column(map(skeleton, texts))
    compared = [*chain.from_iterable(comparables(skeletons, find_frames(skeletons, frame_scale)))]
    counts = Counter(shingle for item in compared for shingle in _shingles(item))
    rarest = sorted(counts, key=lambda shingle: (counts[shingle], shingle))
    ranks = {shingle: rank for rank, shingle in enumerate(rarest)}
    return [
        Signature(item.text, array("l", sorted(ranks[shingle] for shingle in _shingles(item)))) for item in compared
    ]


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
        self._slips.update(_slips(text))
        for position, rank in enumerate(_prefix(text)):
            self._by_rank[rank].append((len(self._texts), position))
        self._texts.append(text)

    def __contains__(self, text: Signature) -> bool:
        if text.skeleton in self._skeletons or any(slip in self._slips for slip in _slips(text)):
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


def _shingles(compared: Comparable) -> set[str]:
    if compared.whole:
        return set()
    padded = f" {compared.text} "
    return {padded[start : start + SHINGLE] for start in range(max(1, len(padded) - SHINGLE + 1))}


def _slips(text: Signature) -> Iterator[str]:
    """A short text, and it without each letter: texts one slip apart share one."""
    bare = text.skeleton
    if text.ranks and may_slip(bare):
        fixed = never_slips(bare)
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
