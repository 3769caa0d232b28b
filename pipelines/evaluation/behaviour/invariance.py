"""Changes that no answer may depend on, one of each kind for every base text that can be so changed."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from random import Random

from pipelines.evaluation.behaviour.cases import Case
from pipelines.evaluation.behaviour.templates import frames
from pipelines.evaluation.identities import people
from pipelines.masking.mask import mask
from pipelines.masking.matching_view import PLACEHOLDERS
from pipelines.training.augmentation.typos import can_be_misspelt, misspelt

SHARE = 0.1  # of words misspelt
EMOJI = ("\u2708\ufe0f", "\U0001f4f1", "\U0001f9f3", "\U0001f4c5", "\U0001f3ab")  # of no feeling

_CLOSED = re.compile(rf"(<(?:{'|'.join(PLACEHOLDERS)})>|\S*@\S+|\S*://\S+|www\.\S+)")
# One digit is often a rating ("1 star"), and so is a number beside a mark ("10/10", "#1", "100%"): both say something.
# Other digits would make a date or an hour impossible.
_NUMBER = re.compile(r"(?<![#/:\d-])\d{2,}(?![/%:\d-]|\s?[ap]m)", re.ASCII | re.I)

Change = Callable[[str, str, Random], str]


def changes(texts: Sequence[str], language: str, keep: Collection[str]) -> dict[str, list[Case]]:
    """By capability, the cases of the texts; what masking would alter (`keep` are handles it leaves) is none."""
    found = {name: list(_cases(name, change, texts, language)) for name, change in CHANGES.items()}
    return {name: [case for case in cases if mask(case.text, keep) == case.text] for name, cases in found.items()}


def _cases(name: str, change: Change, texts: Sequence[str], language: str) -> Iterator[Case]:
    """Each case has a draw of its own: which other texts there are changes nothing."""
    for place, text in enumerate(texts):
        changed = change(text, language, Random(f"{name}:{text}"))  # noqa: S311  no secret
        if changed != text:
            yield Case(place, changed)


def _typos(text: str, _: str, draw: Random) -> str:
    return misspelt(text, SHARE, draw) if can_be_misspelt(text) else text


def _case(text: str, _: str, draw: Random) -> str:
    cased = [_open(text, str.lower), _open(text, str.upper)]
    return draw.choice([one for one in cased if one != text] or [text])


def _emoji(text: str, _: str, draw: Random) -> str:
    return f"{text} {draw.choice(EMOJI)}"


def _names(text: str, language: str, draw: Random) -> str:
    return _framed(text, frames(language).names, draw, name=draw.choice(people(language)))


def _numbers(text: str, language: str, draw: Random) -> str:
    """Other numbers where there are some, else one more."""
    changed = _open(text, partial(_NUMBER.sub, lambda match: _other(match[0], draw)))
    more = str(draw.randrange(10_000, 100_000))
    return changed if changed != text else _framed(text, frames(language).numbers, draw, number=more)


def _greetings(text: str, language: str, draw: Random) -> str:
    return _framed(text, frames(language).greetings, draw)


CHANGES: dict[str, Change] = {
    "typos": _typos,
    "case": _case,
    "emoji": _emoji,
    "names": _names,
    "numbers": _numbers,
    "code-switching": _greetings,
}


def _framed(text: str, choice: Sequence[str], draw: Random, **words: str) -> str:
    return draw.choice(choice).format(text=text, **words) if choice else text


def _open(text: str, change: Callable[[str], str]) -> str:
    """The text changed outside of placeholders, handles and addresses."""
    parts = _CLOSED.split(text)
    return "".join(part if place % 2 else change(part) for place, part in enumerate(parts))


def _other(number: str, draw: Random) -> str:
    """Another number of as many digits, which begins with zero only if this one does."""
    first = "0" if number[0] == "0" else draw.choice("123456789")
    other = first + "".join(draw.choice("0123456789") for _ in number[1:])
    return other if other != number else _other(number, draw)
