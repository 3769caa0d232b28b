"""Plausibility of decoded text: a wrong encoding puts signs and capitals into words, and mixes scripts."""

import re
import unicodedata

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_FOREIGN = re.compile(r"[\u0370-\u1dff]+")  # letters that are neither Latin nor of East Asia
_APOSTROPHES = "‘’"
_BOXES = re.compile("[\u2500-\u25ff]")  # lines and blocks of old screens
_EAST_ASIA = "\u2e80"
_RUN = re.compile("[\u0080-\u024f\u2000-\u22ff]{4,}")  # a language in Latin letters has ASCII ones between
_SHORT = 2  # letters: a run of them amid Latin words is no word


def plausibility(text: str) -> float:
    """The share of characters beyond ASCII that stand where such a character may stand; 1 if there is none."""
    spots = [match.start() for match in _BEYOND_ASCII.finditer(text)]
    stray = _stray_letters(text) | {spot for run in _RUN.finditer(text) for spot in range(*run.span())}
    wrong = sum(spot in stray or _is_misplaced(text, spot) for spot in spots)
    return 1 - wrong / len(spots) if spots else 1.0


def _is_misplaced(text: str, spot: int) -> bool:
    char, before, behind = text[spot], text[spot - 1 : spot], text[spot + 1 : spot + 2]
    category = unicodedata.category(char)
    if char >= _EAST_ASIA or char in _APOSTROPHES or category[0] == "M":
        return False
    if (
        category[0] == "C"
        or _BOXES.match(char)
        or (category == "Lu" and (before.islower() or (before.isalpha() and behind.islower())))
    ):
        return True
    if category[0] == "L":
        return not _is_latin(char) and (_is_ascii_letter(before) or _is_ascii_letter(behind))
    return before.isalpha() and behind.isalpha()


def _stray_letters(text: str) -> set[int]:
    """The places of short runs of letters of another script, if the text is mostly Latin."""
    runs = [match.span() for match in _FOREIGN.finditer(text)]
    foreign = sum(end - start for start, end in runs)
    if 2 * foreign > sum(map(_is_ascii_letter, text)):
        return set()
    return {spot for start, end in runs if end - start <= _SHORT for spot in range(start, end)}


def _is_latin(char: str) -> bool:
    return "\u00aa" <= char <= "\u024f" or "\u1e00" <= char <= "\u1eff"


def _is_ascii_letter(char: str) -> bool:
    return char.isascii() and char.isalpha()
