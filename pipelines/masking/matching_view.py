"""What recognisers read: the text, as long as it was, with look-alikes folded and placeholders closed to them."""

import re
import sys
import unicodedata
from collections.abc import Iterable
from functools import cache

Span = tuple[int, int]

PLACEHOLDERS = ("EMAIL", "PHONE", "CARD", "IBAN", "IP", "URL-LOGIN", "HANDLE", "BOOKING", "ID")
# Noncharacters, which no rule matches: one for what is masked, one for a login, whose `@` begins no handle.
CLOSED, LOGIN = "\ufdd0", "\ufdd1"
# Scripts written without spaces: an ASCII address or number ends where they begin.
HAN = "\u2e80-\u2fff\u3005-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"

DIGIT = re.compile(r"\d")  # looked for first where nothing is found without one

_PLACEHOLDER = re.compile(f"<(?:{'|'.join(PLACEHOLDERS)})>")
# Full-width commas and stops are left out: they end an address, and folded they would continue it.
_PUNCTUATION = str.maketrans({chr(ord(char) + 0xFEE0): char for char in "@.-+()_#:/%&=?[]"})
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63"), "-")
_SPACES = dict.fromkeys([*map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"), *map(ord, CLOSED + LOGIN)], " ")


def matching_view(text: str) -> str:
    """The text with digits of every script, full-width letters and dashes as ASCII, and placeholders closed."""
    folded = text if text.isascii() else text.translate(_table())
    return _PLACEHOLDER.sub(_close, folded) if "<" in folded else folded


def blank_out(text: str, spans: Iterable[Span], placeholder: str) -> str:
    """The shadow once these spans are masked: no later rule reads into them."""
    mark = LOGIN if placeholder == "URL-LOGIN" else CLOSED
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces += (text[at:start], mark * (end - start))
        at = end
    return "".join((*pieces, text[at:]))


def _close(match: re.Match[str]) -> str:
    mark = LOGIN if match[0] == "<URL-LOGIN>" else CLOSED
    return mark * len(match[0])


@cache
def _table() -> dict[int, str]:
    digits = {code: str(unicodedata.decimal(chr(code))) for code in range(128, sys.maxunicode) if chr(code).isdecimal()}
    letters = {ord(char) + 0xFEE0: char for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}
    return {**digits, **letters, **_PUNCTUATION, **_DASHES, **_SPACES}
