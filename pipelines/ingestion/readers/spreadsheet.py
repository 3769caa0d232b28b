"""Reader of Excel workbooks: the first sheet that has the required columns, row by row."""

import io
import warnings
import zipfile
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from pipelines.ingestion.readers.column_names import distinct
from pipelines.ingestion.readers.source_file import SourceFile
from pipelines.ingestion.readers.whole_numbers import whole_number
from pipelines.ingestion.rows import Note, SourceRow, UnusableSource
from pipelines.masking.mask import mask

MAX_BYTES, MAX_UNPACKED = 256 * 2**20, 2**30
_TOP, _WIDE = 20, 2_000  # rows and columns in which the header stands; a far cell widens a sheet to 16,384 columns
_PASSWORD = b"\xd0\xcf\x11\xe0"
_ADVICE = "open it in Excel or LibreOffice and save it as .xlsx again, or as CSV UTF-8"


def rows(file: SourceFile, required: Collection[str], part: str | None) -> Iterator[SourceRow | Note]:
    """The rows under the header, with the row numbers that Excel shows; `part` names another sheet."""
    data = file.load(MAX_BYTES)
    _require_workbook(data)
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():  # of styles and extensions that openpyxl does not keep
            warnings.simplefilter("ignore")
            workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            yield from _sheet_rows(workbook, required, part)
    except UnusableSource:
        raise
    except Exception:  # openpyxl raises whatever the damaged XML led to, and quotes cells
        raise UnusableSource(f"it is a damaged workbook; {_ADVICE}") from None


def _require_workbook(data: bytes) -> None:
    if data.startswith(_PASSWORD):
        raise UnusableSource("it has a password, or is an old .xls file: save it as .xlsx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    except zipfile.BadZipFile:
        raise UnusableSource(f"it is no Excel workbook; {_ADVICE}") from None
    if "[Content_Types].xml" not in sizes or not any(name.startswith("xl/") for name in sizes):
        raise UnusableSource(f"it is a zip archive, but no Excel workbook; {_ADVICE}")
    if sum(sizes.values()) > MAX_UNPACKED:
        raise UnusableSource("it unpacks to more than 1 GiB; save its messages as CSV")


def _sheet_rows(workbook: Any, required: Collection[str], part: str | None) -> Iterator[SourceRow | Note]:
    names = [sheet.title for sheet in workbook.worksheets]
    shown = {name: repr(mask(name)) for name in names}  # a sheet may be named after a person
    if part is not None and part not in names:
        raise UnusableSource(f"it has no sheet of that name; it has {', '.join(shown.values())}")
    for name in [part] if part is not None else names:
        header = _header(workbook[name], required)
        if header and (len(names) == 1 or part is not None or set(required) <= set(header[1])):
            if len(names) > 1:
                yield Note(f"read the sheet {shown[name]} of {len(names)} sheets")
            yield from _rows(workbook[name], *header)
            return
    if len(names) > 1:
        columns = ", ".join(map(repr, required))
        raise UnusableSource(f"none of its sheets {', '.join(shown.values())} has the columns {columns}")


def _header(sheet: Any, required: Collection[str]) -> tuple[int, list[str]] | None:
    """The number of the first row that is not blank, and its cells; None for a blank sheet."""
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_row=_TOP, max_col=_WIDE), start=1):
        if any(cell is not None for cell in cells):
            last = max(place for place, cell in enumerate(cells) if cell is not None)
            return number, distinct(("" if cell is None else str(cell) for cell in cells[: last + 1]), required)
    return None


def _rows(sheet: Any, header: int, names: list[str]) -> Iterator[SourceRow]:
    """The rows that are not blank; a cell beyond the header's last column is not looked at."""
    lines = sheet.iter_rows(values_only=True, min_row=header + 1, max_col=len(names))
    for number, cells in enumerate(lines, start=header + 1):
        if any(cell is not None for cell in cells):
            yield SourceRow(number, dict(zip(names, map(_value, cells), strict=False)))


def _value(cell: Any) -> Any:
    """Numbers without a point where they are whole; dates and times as text."""
    if isinstance(cell, float):
        return whole_number(cell)
    if isinstance(cell, datetime):
        return str(cell.date() if cell.time() == time() else cell)
    return str(cell) if isinstance(cell, date | time | timedelta) else cell
