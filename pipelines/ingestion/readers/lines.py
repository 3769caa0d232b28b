"""Physical lines of a byte stream, one at a time: a bad line never costs the others."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from pipelines.ingestion.rows import MAX_RECORD_BYTES, MAX_TEXT_LENGTH, TOO_LONG, Rejected, UnusableSource

Line = tuple[int, str]


def lines(stream: BinaryIO) -> Iterator[Line | Rejected]:
    """Numbered lines with their ends, UTF-8 with surrogate escapes; longer ones than MAX_RECORD_BYTES are rejected."""
    number = 0
    while raw := stream.readline(MAX_RECORD_BYTES):
        number += 1
        text = (_strip_bom(raw) if number == 1 else raw).decode("utf-8", "surrogateescape")
        if len(raw) < MAX_RECORD_BYTES or raw.endswith(b"\n"):
            yield number, text
        else:
            _skip(stream)
            yield Rejected(number, TOO_LONG, text[: MAX_TEXT_LENGTH + 1])


def _strip_bom(first: bytes) -> bytes:
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnusableSource("found UTF-16 text, expected UTF-8; save the file as UTF-8 (in Excel: CSV UTF-8)")
    return first.removeprefix(codecs.BOM_UTF8)


def _skip(stream: BinaryIO) -> None:
    while (rest := stream.readline(MAX_RECORD_BYTES)) and not rest.endswith(b"\n"):
        pass
