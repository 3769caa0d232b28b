"""Reader of CSV with comma, semicolon, tab or pipe: quotes as pandas and Excel read them, short rows filled up."""

import csv
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from pipelines.ingestion.readers.column_names import distinct
from pipelines.ingestion.readers.lines import Line, lines
from pipelines.ingestion.readers.record_lines import RecordLines
from pipelines.ingestion.readers.source_file import SourceFile
from pipelines.ingestion.readers.text_form import TextForm
from pipelines.ingestion.rows import MALFORMED, MAX_RECORD_BYTES, Rejected, SourceRow

if TYPE_CHECKING:
    from _csv import Reader

_DELIMITERS = (",", ";", "\t", "|")
_NONE = "\x1f"  # a single column has no delimiter: commas in it are text
_NAMED = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # the first line by which Excel learns the delimiter
Parsed = tuple[int, list[str], str]  # line, fields, raw text


def rows(file: SourceFile, form: TextForm, required: Collection[str]) -> Iterator[SourceRow | Rejected]:
    """Rows under the header's names; the `required` columns help to detect the delimiter.

    Raises UnusableSource if a required column is there twice.
    """
    csv.field_size_limit(2 * MAX_RECORD_BYTES)  # the default, 128 KiB, would abort the whole file
    source = RecordLines(lines(file, form))
    names: list[str] = []
    for record in _records(source, _separator(source, required), names):
        if isinstance(record, Rejected):
            yield record
        elif names:
            yield _row(record, names)
        else:
            names += distinct(record[1], required)


def delimiter(header: str, required: Collection[str]) -> str:
    """The delimiter that yields most of the required columns in the header, then most columns."""

    def columns_found(separator: str) -> tuple[int, int]:
        names = {name.strip() for name in next(csv.reader([header], delimiter=separator), [])}
        return len(names & set(required)), len(names)

    best = max(_DELIMITERS, key=columns_found)
    return best if columns_found(best)[1] > 1 else _NONE


def _separator(source: RecordLines, required: Collection[str]) -> str:
    """The delimiter of the first line that is not blank; a line `sep=;` names it and is no header."""
    first = source.take()
    while first is not None and not isinstance(first, Rejected) and not first[1].strip():
        first = source.take()
    if first is None or isinstance(first, Rejected):
        source.put_back(*([first] if first else []))
        return _NONE
    if named := _NAMED.fullmatch(first[1]):
        return named[1]
    source.put_back(first)
    return delimiter(first[1], required)


def _row(record: Parsed, names: list[str]) -> SourceRow | Rejected:
    number, fields, raw = record
    missing = len(names) - len(fields)
    if missing < 0 and any(map(str.strip, fields[missing:])):
        return Rejected(number, MALFORMED, raw)
    return SourceRow(number, dict(zip(names, [*fields, *[None] * missing] if missing > 0 else fields, strict=False)))


def _records(source: RecordLines, separator: str, names: list[str]) -> Iterator[Parsed | Rejected]:
    """Logical records. If quotes do not close, only the first line is rejected and the next ones are parsed again."""
    reader = csv.reader(source, delimiter=separator)
    while (line := source.take()) is not None:
        if isinstance(line, Rejected):
            yield line
            continue
        source.begin(line)
        fields, taken = _fields(reader), source.taken
        if fields is None or ((len(taken) > 1 or source.cut) and not _is_closed(taken, fields, separator, names)):
            source.put_back(*taken[1:])
            yield Rejected(line[0], MALFORMED, line[1])
        elif fields:
            yield line[0], fields, line[1] if len(taken) == 1 else "".join(text for _, text in taken)


def _fields(reader: "Reader") -> list[str] | None:
    try:
        return next(reader)
    except csv.Error:
        return None


def _is_closed(taken: list[Line], fields: list[str], separator: str, names: list[str]) -> bool:
    """True if quotes over several lines are as they must be, and the record has all columns: no stray quote."""
    try:
        parsed = list(csv.reader((text for _, text in taken), delimiter=separator, strict=True))
    except csv.Error:
        return False
    return parsed == [fields] and len(fields) >= len(names)
