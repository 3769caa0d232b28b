"""Physical lines of a text file, one at a time: a bad line never costs the others."""

import io
from collections.abc import Iterator

from pipelines.ingestion.readers.source_file import SourceFile
from pipelines.ingestion.readers.text_form import TextForm
from pipelines.ingestion.rows import MAX_RECORD_BYTES, MAX_TEXT_LENGTH, TOO_LONG, Rejected

Line = tuple[int, str]
_BYTE_ORDER_MARK = "\ufeff"
_CHUNK = 2**18


def lines(file: SourceFile, form: TextForm) -> Iterator[Line | Rejected]:
    """Numbered lines that end with a line feed; other line ends within them are spaces.

    Undecodable bytes are surrogate escapes. Lines of more than MAX_RECORD_BYTES characters are rejected.
    """
    other_end = "\n" if form.line_end == "\r" else "\r"
    with file.open() as stream:
        text = io.TextIOWrapper(stream, form.encoding, form.errors, newline=form.line_end)
        text._CHUNK_SIZE = _CHUNK  # type: ignore[attr-defined]  # 8 KiB at a time take twice as long
        number = 0
        while line := text.readline(MAX_RECORD_BYTES):
            number += 1
            if number == 1:
                line = line.removeprefix(_BYTE_ORDER_MARK)
            if len(line) == MAX_RECORD_BYTES and not line.endswith(form.line_end):
                _skip(text, form.line_end)
                yield Rejected(number, TOO_LONG, line[: MAX_TEXT_LENGTH + 1])
            elif other_end in line or form.line_end == "\r":
                yield number, line.rstrip("\r\n").replace(other_end, " ") + "\n"
            else:
                yield number, line
        text.detach()


def _skip(text: io.TextIOWrapper, line_end: str) -> None:
    while (rest := text.readline(MAX_RECORD_BYTES)) and not rest.endswith(line_end):
        pass
