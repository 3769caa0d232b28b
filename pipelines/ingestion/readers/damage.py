"""Bytes that an encoding does not hold: escaped one by one, so that they cost their own row only, and counted."""

import codecs
import io
import re
from dataclasses import dataclass

from pipelines.ingestion.readers.source_file import SourceFile
from pipelines.ingestion.rows import MAX_RECORD_BYTES

ESCAPE = "needloop-escape"  # as surrogateescape, which not every encoding supports
_ESCAPED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True)
class Damage:
    """Lines with characters beyond ASCII, and those of them that an encoding cannot read."""

    lines: int
    damaged: int

    @property
    def share(self) -> float:
        """The share of damaged lines."""
        return self.damaged / (self.lines or 1)


def count_damage(file: SourceFile, encoding: str) -> Damage:
    """Read a whole file in one encoding, line by line."""
    lines = damaged = 0
    with file.open() as stream:
        text = io.TextIOWrapper(stream, encoding, ESCAPE)
        while line := text.readline(MAX_RECORD_BYTES):
            if not line.isascii():
                lines += 1
                damaged += _ESCAPED.search(line) is not None
        text.detach()
    return Damage(lines, damaged)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    escaped = (chr(0xDC00 + byte) if byte > 127 else "\udcff" for byte in error.object[error.start : error.end])
    return "".join(escaped), error.end


codecs.register_error(ESCAPE, _escape)
