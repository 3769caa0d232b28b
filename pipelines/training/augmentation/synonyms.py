"""Synonym replacement from a list that was written and reviewed for customer service."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

from pipelines.masking.matching_view import Span
from pipelines.training.augmentation.guarded import changeable_words

REPLACEMENT_ONLY = ">"


def replace_synonyms(text: str, share: float, generator: Random) -> str:
    """Replace a `share` of the words, at least one where the list has a synonym."""
    spans = list(changeable_words(text))
    replaceable = list(_replaceable_spans(text, spans))
    chosen = generator.sample(replaceable, min(len(replaceable), max(1, round(share * len(spans)))))
    for start, end in sorted(chosen, reverse=True):
        text = text[:start] + _replacement(text, start, end, generator) + text[end:]
    return text


def _replaceable_spans(text: str, spans: list[Span]) -> Iterator[Span]:
    """Spans of phrases of the list, longest first, so that no word is replaced within `customer service`."""
    ends = {end for _, end in spans}
    next_start = 0
    for start, end in spans:
        if start < next_start or _continues_word(text, start - 1):
            continue
        for phrase in _phrases_by_first_word().get(text[start:end].lower(), ()):
            phrase_end = start + len(phrase)
            if (
                text[start:phrase_end].lower() == phrase
                and phrase_end in ends
                and not _continues_word(text, phrase_end)
            ):
                yield start, phrase_end
                next_start = phrase_end
                break


def _continues_word(text: str, index: int) -> bool:
    """True if the character at this index continues a word, as in `check-in`."""
    return 0 <= index < len(text) and (text[index].isalnum() or text[index] in "-'’_")


def _replacement(text: str, start: int, end: int, generator: Random) -> str:
    phrase = text[start:end]
    candidates = list(synonyms()[phrase.lower()])
    if re.search(r"\ban? $", text[:start], re.I):
        candidates = [other for other in candidates if _is_vowel(other) == _is_vowel(phrase)]
    return _match_case(generator.choice(candidates), phrase) if candidates else phrase


def _is_vowel(phrase: str) -> bool:
    return phrase[0].casefold() in "aeiou"


def _match_case(phrase: str, original: str) -> str:
    if original.isupper() and len(original) > 1:
        return phrase.upper()
    return phrase[0].upper() + phrase[1:] if original[0].isupper() else phrase


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """Possible replacements of each phrase."""
    others = {}
    for group in synonym_groups():
        phrases = [phrase.removeprefix(REPLACEMENT_ONLY) for phrase in group]
        for phrase in group:
            if not phrase.startswith(REPLACEMENT_ONLY):
                others[phrase] = tuple(other for other in phrases if other != phrase)
    return others


@cache
def synonym_groups() -> tuple[tuple[str, ...], ...]:
    """The list, one group a line: each phrase may replace each other; one marked `>` is only a replacement.

    The mark is for words that also mean something else: `assist` is always `help`, but a help is no assist.
    """
    with Path(__file__).with_name("synonyms.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(tuple(row) for row in csv.reader(stream))


@cache
def _phrases_by_first_word() -> dict[str, list[str]]:
    """Phrases by their first word, the longest first."""
    by_word = defaultdict(list)
    for phrase in sorted(synonyms(), key=len, reverse=True):
        start, end = next(changeable_words(phrase))
        by_word[phrase[start:end]].append(phrase)
    return dict(by_word)
