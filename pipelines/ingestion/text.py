"""Normalisation of a message and the digest that identifies it."""

import hashlib
import html
import re
import unicodedata
from itertools import groupby, islice

# Zero-width and byte-order marks are deleted: a space in their place would cut an address in two.
_ZERO_WIDTH = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]+")
# Controls, and U+FFFD, which replaces undecodable bytes.
_CONTROL = re.compile(r"[\ufffd\x00-\x1f\x7f-\x9f]+")
# UAX #15, stream-safe text format; below SHORT characters quadratic time does not matter.
MARKS, SHORT = 30, 500
_SPACE = re.compile(r"\s+")


def normalise(raw: str) -> str:
    """The text as meant: entities decoded, NFC, zero-width characters removed, controls and space as one space."""
    text = unicodedata.normalize("NFC", _safe(html.unescape(raw)))
    return _SPACE.sub(" ", _CONTROL.sub(" ", _ZERO_WIDTH.sub("", text))).strip()


def _safe(text: str) -> str:
    """At most MARKS marks on one letter, as in Unicode's stream-safe form: NFC takes time quadratic in their number."""
    if text.isascii() or len(text) <= SHORT:
        return text
    runs = groupby(text, key=lambda char: unicodedata.combining(char) > 0)
    return "".join("".join(islice(run, MARKS) if marks else run) for marks, run in runs)


def digest(text: str) -> str:
    """The identity of a normalised text, without case: 64 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(text.casefold().encode()).hexdigest()


def bucket(key: str) -> float:
    """The position of a digest in [0, 1): uniform, and the same on every machine."""
    return int(key[:8], 16) / 2**32
