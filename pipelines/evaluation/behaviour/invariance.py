"""Changes that must not alter an answer: one of each kind for every base text that allows it."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random

from pipelines.evaluation.behaviour.cases import BehaviourCase
from pipelines.evaluation.behaviour.templates import find_templates
from pipelines.evaluation.identities import person_names
from pipelines.masking.mask import mask
from pipelines.masking.matching_view import PLACEHOLDERS
from pipelines.masking.rules import MaskingRules
from pipelines.training.augmentation.typos import add_typos, can_misspell

SHARE = 0.1  # of words misspelt
EMOJI = ("\u2708\ufe0f", "\U0001f4f1", "\U0001f9f3", "\U0001f4c5", "\U0001f3ab")  # of no feeling

_CLOSED = re.compile(rf"(<(?:{'|'.join(PLACEHOLDERS)})>|\S*@\S+|\S*://\S+|www\.\S+)")
# One digit is often a rating ("1 star"), and so is a number beside a mark ("10/10", "#1", "100%"): both carry meaning.
# Changed digits would make a date or an hour impossible.
_NUMBER = re.compile(r"(?<![#/:\d-])\d{2,}(?![/%:\d-]|\s?[ap]m)", re.ASCII | re.I)

Change = Callable[[str, str, Random], str]


def changed_cases(texts: Sequence[str], language: str, rules: MaskingRules) -> dict[str, list[BehaviourCase]]:
    """Return the cases by capability, without those that masking would alter."""
    candidates = {name: list(_cases(name, change, texts, language)) for name, change in CHANGES.items()}
    return {name: [case for case in cases if mask(case.text, rules) == case.text] for name, cases in candidates.items()}


def _cases(name: str, change: Change, texts: Sequence[str], language: str) -> Iterator[BehaviourCase]:
    """Yield the changed texts; each has its own random draw, so that other texts have no influence."""
    for index, text in enumerate(texts):
        changed = change(text, language, Random(f"{name}:{text}"))  # noqa: S311  no secret
        if changed != text:
            yield BehaviourCase(index, changed)


def _typos(text: str, _: str, draw: Random) -> str:
    return add_typos(text, SHARE, draw) if can_misspell(text) else text


def _case(text: str, _: str, draw: Random) -> str:
    cased = [_change_open(text, str.lower), _change_open(text, str.upper)]
    return draw.choice([variant for variant in cased if variant != text] or [text])


def _emoji(text: str, _: str, draw: Random) -> str:
    return f"{text} {draw.choice(EMOJI)}"


def _names(text: str, language: str, draw: Random) -> str:
    return _framed(text, find_templates(language).names, draw, name=draw.choice(person_names(language)))


def _numbers(text: str, language: str, draw: Random) -> str:
    """Replace the numbers of a text, or add one if it has none."""
    changed = _change_open(text, partial(_NUMBER.sub, lambda match: _different_number(match[0], draw)))
    number = str(draw.randrange(10_000, 100_000))
    return changed if changed != text else _framed(text, find_templates(language).numbers, draw, number=number)


def _greetings(text: str, language: str, draw: Random) -> str:
    return _framed(text, find_templates(language).greetings, draw)


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


def _change_open(text: str, change: Callable[[str], str]) -> str:
    """Apply a change outside of placeholders, handles and addresses."""
    parts = _CLOSED.split(text)
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


def _different_number(number: str, draw: Random) -> str:
    """Return a different number with as many digits; it begins with zero only if this one does."""
    first = "0" if number[0] == "0" else draw.choice("123456789")
    drawn = first + "".join(draw.choice("0123456789") for _ in number[1:])
    return drawn if drawn != number else _different_number(number, draw)
