"""Typing errors: a neighbouring key, two letters swapped, one dropped, one doubled."""

from collections.abc import Iterator
from random import Random

from pipelines.training.augmentation.guarded import changeable_words, is_decisive, sentiment_words

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SHORTEST = 4  # an error in a shorter word makes another word more often than a misspelt one


def can_misspell(text: str) -> bool:
    """True if any word can get a typing error: Latin letters, long enough, not of sentiment."""
    return any(_can_misspell_word(text[start:end]) for start, end in changeable_words(text))


def add_typos(text: str, share: float, generator: Random) -> str:
    """Put one typing error into a `share` of the words, into at least one where any can have one."""
    spans = list(changeable_words(text))
    candidates = [(start, end) for start, end in spans if _can_misspell_word(text[start:end])]
    chosen = generator.sample(candidates, min(len(candidates), max(1, round(share * len(spans)))))
    for start, end in sorted(chosen, reverse=True):
        text = text[:start] + _misspell(text[start:end], generator) + text[end:]
    return text


def _can_misspell_word(word: str) -> bool:
    return len(word) >= SHORTEST and word.isascii() and word.isalpha() and word.casefold() not in sentiment_words()


def _misspell(word: str, generator: Random) -> str:
    """The word with an error; the first letter stays, and an error never makes a decisive word."""
    kinds = [_neighbours, _swaps, _drops, _doubles]
    for kind in generator.sample(kinds, len(kinds)):
        errors = [error for error in kind(word) if error != word and not is_decisive(error)]
        if errors:
            return generator.choice(errors)
    return word


def _neighbours(word: str) -> Iterator[str]:
    for index in range(1, len(word)):
        for key in adjacent_keys(word[index].lower()):
            yield word[:index] + (key.upper() if word[index].isupper() else key) + word[index + 1 :]


def _swaps(word: str) -> Iterator[str]:
    for index in range(1, len(word) - 1):
        yield word[:index] + word[index + 1] + word[index] + word[index + 2 :]


def _drops(word: str) -> Iterator[str]:
    for index in range(1, len(word)):
        yield word[:index] + word[index + 1 :]


def _doubles(word: str) -> Iterator[str]:
    for index in range(1, len(word)):
        yield word[: index + 1] + word[index] + word[index + 1 :]


def adjacent_keys(key: str) -> list[str]:
    """Keys beside a letter on a QWERTY keyboard, whose lower rows are shifted right by half a key."""
    row = next(number for number, keys in enumerate(_ROWS) if key in keys)
    index = _ROWS[row].index(key)
    beside = [
        (row, index - 1),
        (row, index + 1),
        (row - 1, index),
        (row - 1, index + 1),
        (row + 1, index - 1),
        (row + 1, index),
    ]
    return [_ROWS[r][c] for r, c in beside if 0 <= r < len(_ROWS) and 0 <= c < len(_ROWS[r])]
