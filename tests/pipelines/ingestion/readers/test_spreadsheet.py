import datetime
import io
import time
import zipfile

import pytest
from openpyxl import Workbook

from pipelines.ingestion import sources
from pipelines.ingestion.rows import SourceRow, UnusableSource

HEADER = ("text", "label", "when", "seats")
ROWS = [
    ("where is it\nplease", 1, datetime.datetime(2024, 5, 1), 2.5),
    ("pay me", 2, datetime.datetime(2024, 5, 1, 12, 30), 3.0),
    ("short",),
]


@pytest.fixture
def workbook(tmp_path):
    """Write a workbook of sheets by name and return its address."""

    def write(name="m.xlsx", **sheets):
        book = Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / name)
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize("name", ["m.xlsx", "m.XLSX"])
def test_numbers_stay_whole_and_dates_are_text(name, workbook):
    rows = [item.values for item in sources.rows(workbook(name, Tickets=[HEADER, *ROWS]))]

    assert rows == [
        {"text": "where is it\nplease", "label": 1, "when": "2024-05-01", "seats": 2.5},
        {"text": "pay me", "label": 2, "when": "2024-05-01 12:30:00", "seats": 3},
        {"text": "short", "label": None, "when": None, "seats": None},
    ]


def test_rows_have_the_numbers_that_excel_shows(workbook):
    rows = sources.rows(workbook(Tickets=[(), HEADER, ROWS[0], (), ROWS[1]]))

    assert [row.line for row in rows] == [3, 5]


def test_the_first_sheet_with_the_columns_is_read_and_named(workbook, pairs, notes):
    uri = workbook(Notes=[("about this file",)], Tickets=[HEADER, *ROWS], Older=[HEADER])

    assert pairs(uri) == [(row[0], (*row, None)[1]) for row in ROWS]
    assert notes(uri) == ["read the sheet 'Tickets' of 3 sheets"]


def test_another_sheet_is_chosen_behind_the_file(workbook, pairs):
    uri = workbook(New=[HEADER, *ROWS], Old=[HEADER, ("old", 3)])

    assert pairs(f"{uri}#Old") == [("old", 3)]
    with pytest.raises(UnusableSource, match="no sheet of that name; it has 'New', 'Old'"):
        pairs(f"{uri}#Other")
    with pytest.raises(UnusableSource, match="none of its sheets 'New', 'Old' has the columns 'body'"):
        list(sources.rows(uri, ("body",)))


def test_a_required_column_that_is_there_twice_is_named(workbook):
    with pytest.raises(UnusableSource, match="the column 'label' is there twice"):
        list(sources.rows(workbook(Tickets=[("text", "label", "label"), ("a", "b", "c")]), ("text", "label")))


def test_a_cell_far_out_costs_neither_memory_nor_rows(tmp_path):
    book = Workbook()
    for row in [("text", "label"), ("where is it", "delivery")]:
        book.active.append(row)
    book.active.cell(200_000, 16_384, "far")
    book.save(tmp_path / "m.xlsx")
    began = time.perf_counter()

    assert [row.values["text"] for row in sources.rows(str(tmp_path / "m.xlsx"))] == ["where is it"]
    assert time.perf_counter() - began < 20


def archive(**files):
    """A zip archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/"), content)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "is no Excel workbook"),
        (b"text,label\n", "is no Excel workbook"),
        (b"PK\x03\x04 cut off", "is no Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "has a password, or is an old .xls file"),
        (archive(a="b"), "is a zip archive, but no Excel workbook"),
        (archive(**{"[Content_Types].xml": "<a>", "xl__workbook.xml": "jane@example.org"}), "is a damaged workbook"),
    ],
)
def test_a_file_that_is_no_workbook_is_one_sentence(content, advice, file):
    with pytest.raises(UnusableSource, match=advice) as caught:
        list(sources.rows(file("m.xlsx", content)))
    assert "jane" not in str(caught.value)


def test_a_workbook_that_unpacks_to_too_much_is_refused(file, monkeypatch):
    monkeypatch.setattr("pipelines.ingestion.readers.spreadsheet.MAX_UNPACKED", 1000)
    content = archive(**{"[Content_Types].xml": "", "xl__sharedStrings.xml": "x" * 2000})

    with pytest.raises(UnusableSource, match="unpacks to more than"):
        list(sources.rows(file("m.xlsx", content)))


@pytest.mark.parametrize("name", ["m.xls", "m.xlsb", "m.ods", "m.zip", "m.feather", "m.sav", "m"])
def test_a_format_that_is_not_read_has_a_remedy(name, file):
    with pytest.raises(UnusableSource, match=r"not read; |its ending is unknown; use one of \.csv"):
        list(sources.rows(file(name, b"x")))


def test_integers_with_missing_values_stay_integers_in_parquet(tmp_path):
    import pandas as pd

    frame = pd.DataFrame({"text": ["a", "b", "c"], "label": [1, None, 2], "data": [{"x": "d"}, {"x": "e"}, None]})
    frame.to_parquet(tmp_path / "m.parquet")
    rows = [item.values for item in sources.rows(str(tmp_path / "m.parquet")) if isinstance(item, SourceRow)]

    assert [str(row["label"]) for row in rows] == ["1", "None", "2"]
    assert rows[0]["data"] == {"x": "d"}


def test_a_path_into_a_nested_column_of_parquet_reads_that_column(tmp_path):
    import pandas as pd

    pd.DataFrame({"data": [{"text": "a"}], "other": [1], "label": ["b"]}).to_parquet(tmp_path / "m.parquet")
    (row,) = sources.rows(str(tmp_path / "m.parquet"), ("data.text", "label"))

    assert row.values == {"data": {"text": "a"}, "label": "b"}
