"""Explanation of an answer by occlusion: the probability lost without each word (Zeiler and Fergus, 2014)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.inference.packaged import ModelPackage

MAX_PARTS = 31  # with the whole text 32 inputs: 8 texts cost as much as the 256 of the largest request
# Kana and Han are written without spaces: each character is a word.
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\s\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


@dataclass(frozen=True)
class WordWeight:
    """A word of the masked text, or neighbours of a long one, and the loss of the answer's probability without it.

    A negative weight speaks against the answer.
    """

    word: str
    weight: float


def explain_label(packaged: ModelPackage, text: str, label: str) -> list[WordWeight]:
    """Words of a masked text that mattered for a label, the weightiest first.

    Only the part of the text that the model reads is tested, in at most MAX_PARTS parts.
    """
    visible = packaged.visible(text)
    spans = _parts(visible)
    variants = [visible, *(visible[:start] + visible[end:] for start, end in spans)]
    full, *reduced = packaged.reader.weight(packaged.calibrated(variants), label).tolist()
    weights = [
        WordWeight(visible[start:end], round(full - score, 4))
        for (start, end), score in zip(spans, reduced, strict=True)
    ]
    return sorted((word for word in weights if word.weight), key=lambda word: -abs(word.weight))


def _parts(text: str) -> list[tuple[int, int]]:
    """Spans of the words; neighbours are joined until there are at most MAX_PARTS."""
    spans: Sequence[tuple[int, int]] = [match.span() for match in WORD.finditer(text)]
    size = max(1, -(-len(spans) // MAX_PARTS))
    groups = (spans[index : index + size] for index in range(0, len(spans), size))
    return [(group[0][0], group[-1][1]) for group in groups]
