"""Fast first tests of a text: which clue words, signs and how many digits it holds, so that most rules need not run."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

LONG = 16  # characters of a word that may be a key
# Everything but small letters becomes a space, so that words are split by the fastest means there is.
_LETTERS = bytes(code if 97 <= code <= 122 else 32 for code in range(256))


class Traits(NamedTuple):
    """Traits of a text: its words in small letters (ASCII), its number of digits, and whether a word is long."""

    lowered: str
    words: frozenset[bytes]
    digits: int
    is_long: bool

    @classmethod
    def of(cls, view: str, known: frozenset[bytes]) -> "Traits":
        """Of a matching view, with only those words that some clue knows."""
        lowered = view.lower()
        words = known.intersection(lowered.encode("ascii", "replace").translate(_LETTERS).split())
        is_long = len(view) >= LONG and max(map(len, view.split()), default=0) >= LONG
        return cls(lowered, words, sum(map(view.count, "0123456789")), is_long)


@dataclass(frozen=True)
class Clues:
    """Conditions of a rule for a text: one of the words and signs (separated by `|`), and digits."""

    words_and_signs: str = ""
    digits: int = 0
    long: bool = False
    words: frozenset[bytes] = field(init=False)
    signs: tuple[str, ...] = field(init=False)
    letters: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Sort the clues: words are compared whole, signs anywhere in a text, other scripts only if it has some."""
        clues = self.words_and_signs.split("|") if self.words_and_signs else []
        words = frozenset(clue.encode() for clue in clues if clue.isascii() and clue.isalpha())
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "signs", tuple(clue for clue in clues if clue.isascii() and not clue.isalpha()))
        object.__setattr__(self, "letters", tuple(clue for clue in clues if not clue.isascii()))

    def are_in(self, text: Traits) -> bool:
        """True if the rule may find something."""
        if text.digits < self.digits or (self.long and not text.is_long):
            return False
        if not self.words_and_signs or not self.words.isdisjoint(text.words):
            return True
        lowered = text.lowered
        if any(sign in lowered for sign in self.signs):
            return True
        return bool(self.letters) and not lowered.isascii() and any(letter in lowered for letter in self.letters)


def known_words(clues: Iterable[Clues]) -> frozenset[bytes]:
    """The words of all these clues."""
    return frozenset().union(*(each.words for each in clues))
