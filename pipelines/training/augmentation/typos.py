"""Typing errors as hands make them: a neighbouring key, two letters swapped, one dropped, one doubled."""

from collections.abc import Iterator
from random import Random

from pipelines.training.augmentation.guarded import bears, feelings, words

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SHORTEST = 4  # an error in a shorter word makes another word more often than a misspelt one


def can_be_misspelt(text: str) -> bool:
    """Whether any word of the text may get a typing error: one of Latin letters, long enough, of no feeling."""
    return any(_is_fit(text[start:end]) for start, end in words(text))


def misspelt(text: str, share: float, draw: Random) -> str:
    """The text with one typing error in a `share` of its words, in one at least where any may change."""
    found = list(words(text))
    fit = [(start, end) for start, end in found if _is_fit(text[start:end])]
    chosen = draw.sample(fit, min(len(fit), max(1, round(share * len(found)))))
    for start, end in sorted(chosen, reverse=True):
        text = text[:start] + _misspelt(text[start:end], draw) + text[end:]
    return text


def _is_fit(word: str) -> bool:
    return len(word) >= SHORTEST and word.isascii() and word.isalpha() and word.casefold() not in feelings()


def _misspelt(word: str, draw: Random) -> str:
    """The first letter stays, as it nearly always does; an error that makes a word which bears a meaning is none."""
    kinds = [_neighbours, _swaps, _drops, _doubles]
    for kind in draw.sample(kinds, len(kinds)):
        errors = [error for error in kind(word) if error != word and not bears(error)]
        if errors:
            return draw.choice(errors)
    return word


def _neighbours(word: str) -> Iterator[str]:
    for at in range(1, len(word)):
        for key in near(word[at].lower()):
            yield word[:at] + (key.upper() if word[at].isupper() else key) + word[at + 1 :]


def _swaps(word: str) -> Iterator[str]:
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _drops(word: str) -> Iterator[str]:
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]


def _doubles(word: str) -> Iterator[str]:
    for at in range(1, len(word)):
        yield word[: at + 1] + word[at] + word[at + 1 :]


def near(key: str) -> list[str]:
    """The keys beside a letter on a QWERTY keyboard, whose lower rows stand half a key further right."""
    row = next(number for number, keys in enumerate(_ROWS) if key in keys)
    at = _ROWS[row].index(key)
    beside = [(row, at - 1), (row, at + 1), (row - 1, at), (row - 1, at + 1), (row + 1, at - 1), (row + 1, at)]
    return [_ROWS[r][c] for r, c in beside if 0 <= r < len(_ROWS) and 0 <= c < len(_ROWS[r])]
