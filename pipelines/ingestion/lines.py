"""Physical lines of a byte stream, one at a time, so that a bad one never costs the others."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from pipelines.ingestion.rows import LONGEST, TOO_LONG, WIDEST, Rejected, UnusableSource

Line = tuple[int, str]


def lines(stream: BinaryIO) -> Iterator[Line | Rejected]:
    """Numbered lines with their ends, decoded as UTF-8 with surrogate escapes; a line over WIDEST is refused unread."""
    number = 0
    while raw := stream.readline(WIDEST):
        number += 1
        text = (_without_mark(raw) if number == 1 else raw).decode("utf-8", "surrogateescape")
        if len(raw) < WIDEST or raw.endswith(b"\n"):
            yield number, text
        else:
            _skip(stream)
            yield Rejected(number, TOO_LONG, text[: LONGEST + 1])


def _without_mark(first: bytes) -> bytes:
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnusableSource("found UTF-16 text, expected UTF-8; save the file as UTF-8 (in Excel: CSV UTF-8)")
    return first.removeprefix(codecs.BOM_UTF8)


def _skip(stream: BinaryIO) -> None:
    while (more := stream.readline(WIDEST)) and not more.endswith(b"\n"):
        pass
