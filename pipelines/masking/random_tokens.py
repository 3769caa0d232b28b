"""Tokens drawn at random, as services put them into links and keys: letters and digits without order."""

import re
from collections.abc import Iterator

from pipelines.masking.matching_view import Span

LEAST = 20  # characters; shorter ones are ids of videos, short links and the like
_LONG = re.compile(r"(?<![A-Za-z0-9_#@-])[A-Za-z0-9_-]{20,}(?![A-Za-z0-9_-])")
_CHANGE = re.compile(r"[A-Za-z](?=\d)|\d(?=[A-Za-z])")
_PIECE = re.compile(r"[A-Za-z0-9]+")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


def random_tokens(text: str) -> Iterator[Span]:
    """The spans of long random tokens in capitals, small letters and digits."""
    for match in _LONG.finditer(text):
        if is_random(match[0]) and match[0].lower() != match[0] != match[0].upper():
            yield match.span()


def is_random(token: str) -> bool:
    """True for a UUID, or 16 letters and digits in a row that change between the two at least four times."""
    if _UUID.fullmatch(token):
        return True
    return any(len(piece) >= 16 and len(_CHANGE.findall(piece)) >= 4 for piece in _PIECE.findall(token))
