"""Tables in files: complete or absent, typed, and harmless in a spreadsheet."""

import csv
import json

import pyarrow.parquet as pq
import pytest

from pipelines.exporting.csv_cells import safe_cell
from pipelines.exporting.table_file import UnwritableTable, require_table_path, table_file

COLUMNS = {"line": int, "label": str, "score": float, "right": bool}
ROWS = [
    {"line": 1, "label": 'a, "b"\u4e2d', "score": 0.5, "right": True},
    {"line": 2, "label": None, "score": None, "right": None},
]


def test_a_parquet_file_has_the_declared_types_with_or_without_rows(tmp_path):
    for name, rows in {"full": ROWS, "empty": []}.items():
        with table_file(tmp_path / f"{name}.parquet", COLUMNS) as writer:
            writer.write(rows)
        read = pq.read_table(tmp_path / f"{name}.parquet")
        assert [str(kind) for kind in read.schema.types] == ["int64", "string", "double", "bool"]
        assert read.to_pylist() == rows


def test_rows_of_parquet_are_written_in_large_groups(tmp_path):
    with table_file(tmp_path / "many.parquet", COLUMNS) as writer:
        for _ in range(250):
            writer.write(ROWS[:1] * 100)
    assert pq.ParquetFile(tmp_path / "many.parquet").metadata.num_row_groups == 3


def test_csv_and_jsonl_hold_what_was_written(tmp_path):
    for ending in ("csv", "jsonl"):
        with table_file(tmp_path / f"rows.{ending}", COLUMNS) as writer:
            for row in ROWS:
                writer.write([row])
    with (tmp_path / "rows.csv").open(newline="", encoding="utf-8") as stream:
        assert list(csv.reader(stream)) == [[*COLUMNS], ["1", 'a, "b"\u4e2d', "0.5", "True"], ["2", "", "", ""]]
    lines = (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == ROWS


def write_and_fail(file):
    with table_file(file, COLUMNS) as writer:
        writer.write(ROWS)
        raise RuntimeError


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_an_error_leaves_the_file_as_it_was(tmp_path, ending):
    file = tmp_path / f"rows.{ending}"
    file.write_text("before")
    with pytest.raises(RuntimeError):
        write_and_fail(file)
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 1234", "'+49 30 1234"),
        ("-1 star", "'-1 star"),
        ("@united lost it", "'@united lost it"),
        ("\t=1", "'\t=1"),
        ("-1", "-1"),
        ("+0.5", "+0.5"),
        ("a=1", "a=1"),
        (" =1", " =1"),
        (-1.5, -1.5),
        (None, None),
    ],
)
def test_only_a_cell_that_would_be_executed_gets_an_apostrophe(text, cell):
    assert safe_cell(text) == cell


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(UnwritableTable, match="is a folder: name a file"):
        require_table_path(tmp_path / "out.csv")


def test_a_link_to_the_source_is_the_source(tmp_path):
    (tmp_path / "in.csv").touch()
    (tmp_path / "out.csv").symlink_to(tmp_path / "in.csv")
    with pytest.raises(UnwritableTable, match="is the file that is read"):
        require_table_path(tmp_path / "out.csv", str(tmp_path / "in.csv"))
