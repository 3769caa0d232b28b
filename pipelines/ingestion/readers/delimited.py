"""Reader of CSV with comma, semicolon or tab, and quoted line breaks; a stray quote loses only its own row."""

import csv
from collections import deque
from collections.abc import Collection, Iterator
from itertools import chain
from typing import BinaryIO

from pipelines.ingestion.readers.lines import Line, lines
from pipelines.ingestion.rows import MALFORMED, MAX_RECORD_BYTES, Rejected, SourceRow

_DELIMITERS = (",", ";", "\t")
_NONE = "\x1f"  # a single column has no delimiter: commas in it are text
Queue = deque[Line | Rejected]
Parsed = tuple[int, list[str], str]  # line, fields, raw text


def rows(stream: BinaryIO, required: Collection[str]) -> Iterator[SourceRow | Rejected]:
    """Rows under the header's names; the `required` columns help to detect the delimiter."""
    csv.field_size_limit(MAX_RECORD_BYTES)  # the default, 128 KiB, would abort the whole file
    source = lines(stream)
    first = next(source, None)
    if first is None:
        return
    separator = _NONE if isinstance(first, Rejected) else delimiter(first[1], required)
    names: list[str] = []
    for record in _records(chain([first], source), separator):
        if isinstance(record, Rejected):
            yield record
        elif names:
            yield _row(record, names)
        else:
            names = [name.strip() for name in record[1]]


def delimiter(header: str, required: Collection[str]) -> str:
    """The delimiter that yields most of the required columns in the header, then most columns."""

    def columns_found(separator: str) -> tuple[int, int]:
        names = {name.strip() for name in next(csv.reader([header], delimiter=separator), [])}
        return len(names & set(required)), len(names)

    best = max(_DELIMITERS, key=columns_found)
    return best if columns_found(best)[1] > 1 else _NONE


def _row(record: Parsed, names: list[str]) -> SourceRow | Rejected:
    number, fields, raw = record
    if len(fields) < len(names) or any(field.strip() for field in fields[len(names) :]):
        return Rejected(number, MALFORMED, raw)
    return SourceRow(number, dict(zip(names, fields, strict=False)))


def _records(source: Iterator[Line | Rejected], separator: str) -> Iterator[Parsed | Rejected]:
    """Logical records. If quotes do not close, only the first line is rejected and the next ones are parsed again."""
    queue: Queue = deque()
    while (first := _next(queue, source)) is not None:
        if isinstance(first, Rejected):
            yield first
            continue
        read_lines = [first]
        try:
            fields = next(csv.reader(_feed(read_lines, queue, source), delimiter=separator, strict=True))
        except csv.Error:
            yield Rejected(first[0], MALFORMED, first[1])
            queue.extendleft(reversed(read_lines[1:]))
            continue
        if fields:
            yield first[0], fields, "".join(text for _, text in read_lines)


def _feed(read_lines: list[Line], queue: Queue, source: Iterator[Line | Rejected]) -> Iterator[str]:
    """The lines of one record on the parser's demand, noted in `read_lines`; at most MAX_RECORD_BYTES characters."""
    yield read_lines[0][1]
    width = len(read_lines[0][1])
    while width < MAX_RECORD_BYTES and (line := _next(queue, source)) is not None:
        if isinstance(line, Rejected):
            queue.appendleft(line)
            return
        read_lines.append(line)
        width += len(line[1])
        yield line[1]


def _next(queue: Queue, source: Iterator[Line | Rejected]) -> Line | Rejected | None:
    return queue.popleft() if queue else next(source, None)
