"""Other words for the same thing, from a list written and reviewed for customer service."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

from pipelines.masking.matching_view import Span
from pipelines.training.augmentation.guarded import words

ONLY_WRITTEN = ">"


def reworded(text: str, share: float, draw: Random) -> str:
    """The text with a `share` of its words replaced, one at least where the list knows any."""
    free = list(words(text))
    found = list(_found(text, free))
    chosen = draw.sample(found, min(len(found), max(1, round(share * len(free)))))
    for start, end in sorted(chosen, reverse=True):
        text = text[:start] + _other(text, start, end, draw) + text[end:]
    return text


def _found(text: str, free: list[Span]) -> Iterator[Span]:
    """Where phrases of the list stand, the longest first, so that no word is replaced out of `customer service`."""
    ends = {end for _, end in free}
    after = 0
    for start, end in free:
        if start < after or _joins(text, start - 1):
            continue
        for phrase in _beginning().get(text[start:end].lower(), ()):
            last = start + len(phrase)
            if text[start:last].lower() == phrase and last in ends and not _joins(text, last):
                yield start, last
                after = last
                break


def _joins(text: str, at: int) -> bool:
    """Whether the character there makes a longer word of its neighbour, as in `check-in`."""
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] in "-'’_")


def _other(text: str, start: int, end: int, draw: Random) -> str:
    written = text[start:end]
    others = list(synonyms()[written.lower()])
    if re.search(r"\ban? $", text[:start], re.I):
        others = [one for one in others if _is_vowel(one) == _is_vowel(written)]
    return _cased(draw.choice(others), written) if others else written


def _is_vowel(phrase: str) -> bool:
    return phrase[0].casefold() in "aeiou"


def _cased(phrase: str, like: str) -> str:
    if like.isupper() and len(like) > 1:
        return phrase.upper()
    return phrase[0].upper() + phrase[1:] if like[0].isupper() else phrase


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """What may stand for each phrase."""
    others = {}
    for group in groups():
        phrases = [phrase.removeprefix(ONLY_WRITTEN) for phrase in group]
        for phrase in group:
            if not phrase.startswith(ONLY_WRITTEN):
                others[phrase] = tuple(other for other in phrases if other != phrase)
    return others


@cache
def groups() -> tuple[tuple[str, ...], ...]:
    """The list, one group a line: each phrase may stand for each other, one marked `>` is only ever written.

    The mark is for words which also mean something else: `assist` is always `help`, but a help is no assist.
    """
    with Path(__file__).with_name("synonyms.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(tuple(row) for row in csv.reader(stream))


@cache
def _beginning() -> dict[str, list[str]]:
    """The phrases that begin with each word, the longest first."""
    found = defaultdict(list)
    for phrase in sorted(synonyms(), key=len, reverse=True):
        start, end = next(words(phrase))
        found[phrase[start:end]].append(phrase)
    return dict(found)
