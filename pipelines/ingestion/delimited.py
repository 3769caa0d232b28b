"""CSV and its relatives: comma, semicolon or tab, quoted line breaks, and no row lost to a neighbour's stray quote."""

import csv
from collections import deque
from collections.abc import Collection, Iterator
from itertools import chain
from typing import BinaryIO

from pipelines.ingestion.lines import Line, lines
from pipelines.ingestion.rows import MALFORMED, WIDEST, Rejected, Row

_DELIMITERS = (",", ";", "\t")
_NONE = "\x1f"  # a single column has no delimiter: commas in it are text
Queue = deque[Line | Rejected]
Parsed = tuple[int, list[str], str]  # line, fields, and the text they came from


def rows(stream: BinaryIO, wanted: Collection[str]) -> Iterator[Row | Rejected]:
    """Rows under the header's names; `wanted` columns help to tell the delimiter."""
    csv.field_size_limit(WIDEST)  # the default, 128 KiB, ends the reading instead of the row
    source = lines(stream)
    first = next(source, None)
    if first is None:
        return
    separator = _NONE if isinstance(first, Rejected) else delimiter(first[1], wanted)
    names: list[str] = []
    for record in _records(chain([first], source), separator):
        if isinstance(record, Rejected):
            yield record
        elif names:
            yield _row(record, names)
        else:
            names = [name.strip() for name in record[1]]


def delimiter(header: str, wanted: Collection[str]) -> str:
    """The separator that finds most of the wanted columns in the header, then the one that finds most columns."""

    def found(separator: str) -> tuple[int, int]:
        names = {name.strip() for name in next(csv.reader([header], delimiter=separator), [])}
        return len(names & set(wanted)), len(names)

    best = max(_DELIMITERS, key=found)
    return best if found(best)[1] > 1 else _NONE


def _row(record: Parsed, names: list[str]) -> Row | Rejected:
    number, fields, raw = record
    if len(fields) < len(names) or any(field.strip() for field in fields[len(names) :]):
        return Rejected(number, MALFORMED, raw)
    return Row(number, dict(zip(names, fields, strict=False)))


def _records(source: Iterator[Line | Rejected], separator: str) -> Iterator[Parsed | Rejected]:
    """Logical records. Where quotes do not close, only the first line is refused and the next ones are read anew."""
    queue: Queue = deque()
    while (first := _next(queue, source)) is not None:
        if isinstance(first, Rejected):
            yield first
            continue
        taken = [first]
        try:
            fields = next(csv.reader(_feed(taken, queue, source), delimiter=separator, strict=True))
        except csv.Error:
            yield Rejected(first[0], MALFORMED, first[1])
            queue.extendleft(reversed(taken[1:]))
            continue
        if fields:
            yield first[0], fields, "".join(text for _, text in taken)


def _feed(taken: list[Line], queue: Queue, source: Iterator[Line | Rejected]) -> Iterator[str]:
    """The lines of one record as the parser asks for them, noted in `taken`; no more than WIDEST characters."""
    yield taken[0][1]
    width = len(taken[0][1])
    while width < WIDEST and (line := _next(queue, source)) is not None:
        if isinstance(line, Rejected):
            queue.appendleft(line)
            return
        taken.append(line)
        width += len(line[1])
        yield line[1]


def _next(queue: Queue, source: Iterator[Line | Rejected]) -> Line | Rejected | None:
    return queue.popleft() if queue else next(source, None)
