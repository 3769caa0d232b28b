"""Protected parts of a text: numbers, handles, tags, addresses, placeholders and negations."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pipelines.masking.matching_view import PLACEHOLDERS, Span

_TOKEN = re.compile(rf"\S*(?:[@#\d_]|://|\w[./]\w|<(?:{'|'.join(PLACEHOLDERS)})>)\S*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NOT = """
not cannot dont cant wont didnt doesnt isnt arent wasnt werent couldnt wouldnt shouldnt havent hasnt hadnt aint mustnt
"""
_OTHER = """
no nor never neither none nothing nobody nowhere nope nah without hardly barely scarcely rarely seldom lack lacks
lacking unable
pas jamais rien sans nicht kein keine keinen nie ohne nunca nada nadie sin mai niente senza niet geen nooit zonder
"""
# `dont` and `do not` count as one: a translation may write either.
NEGATIONS = {**dict.fromkeys(_NOT.split(), "not"), **{word: word for word in _OTHER.split()}}


def negation(word: str) -> str | None:
    """Normal form of a negation (`not` for all short forms); None for other words."""
    plain = word.casefold().replace("’", "'")
    return "not" if plain.endswith("n't") else NEGATIONS.get(plain.replace("'", ""))


def changeable_words(text: str) -> Iterator[Span]:
    """Spans of the words that may change."""
    protected = [match.span() for match in _TOKEN.finditer(text)]
    for match in _WORD.finditer(text):
        start, end = match.span()
        if not negation(match[0]) and not any(left < end and start < right for left, right in protected):
            yield start, end


def protected_tokens(text: str) -> Counter[str]:
    """Count of each protected token in a text; equal counts mean the same facts and negations."""
    tokens = [match[0].strip(".,;:!?()\"'").casefold() for match in _TOKEN.finditer(text)]
    return Counter(tokens) + Counter(filter(None, (negation(match[0]) for match in _WORD.finditer(text))))


@cache
def sentiment_words() -> frozenset[str]:
    """Words of sentiment: never replaced, never misspelt, and never the result of a typing error."""
    return frozenset(Path(__file__).with_name("feelings.txt").read_text(encoding="utf-8").split())


def is_decisive(word: str) -> bool:
    """True if a word alone may decide a label: a negation or a word of sentiment."""
    return negation(word) is not None or word.casefold() in sentiment_words()
