"""Why a packaged model answered as it did: each word is left out, and the answer falls (Zeiler and Fergus, 2014)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.inference.packaged import Packaged

PARTS = 31  # with the whole text 32 questions: 8 texts cost as much as the 256 of the largest request
# What is set without spaces is taken character by character: kana and Han.
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\s\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


@dataclass(frozen=True)
class Word:
    """A word of the masked text, or neighbours of a long one, and what the answer's probability loses without it.

    A weight below zero spoke against the answer.
    """

    word: str
    weight: float


def words(packaged: Packaged, text: str, label: str) -> list[Word]:
    """The words of a masked text that mattered for a label, the weightiest first.

    Only what the model reads of the text is asked about, in at most PARTS parts.
    """
    read = text[: packaged.reach(text)]
    spans = _parts(read)
    asked = [read, *(read[:start] + read[end:] for start, end in spans)]
    whole, *without = packaged.reader.weight(packaged.calibrated(asked), label).tolist()
    found = [Word(read[start:end], round(whole - left, 4)) for (start, end), left in zip(spans, without, strict=True)]
    return sorted((one for one in found if one.weight), key=lambda one: -abs(one.weight))


def _parts(text: str) -> list[tuple[int, int]]:
    """Where its words begin and end; as many neighbours together as it takes to stay within PARTS."""
    spans: Sequence[tuple[int, int]] = [found.span() for found in WORD.finditer(text)]
    size = max(1, -(-len(spans) // PARTS))
    groups = (spans[at : at + size] for at in range(0, len(spans), size))
    return [(group[0][0], group[-1][1]) for group in groups]
