import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.spec import Source
from pipelines.ingestion import records
from pipelines.ingestion.corpus import UnusableSource, ingest
from pipelines.ingestion.readers import delimited
from pipelines.ingestion.records import Record
from pipelines.ingestion.row_report import CONFLICTING, LEAK, NEAR_DUPLICATE

ROWS = [
    ("Where, please, is my bag?", "bad"),
    ("Danke schön 👍", "good"),
    ("two\nlines", "good"),
    ('he said "no"', "bad"),
]


def texts(uri, **columns):
    """Texts and labels of the good rows; no row may be bad."""
    rows = list(records.read(str(uri), Source(uri=str(uri), **columns)))
    assert all(isinstance(row, Record) for row in rows), rows
    return [(row.text, row.label) for row in rows]


def as_csv(separator, end):
    cells = [[f'"{cell}"' for cell in (text.replace('"', '""'), label)] for text, label in [("text", "label"), *ROWS]]
    return end.join([separator.join(row) for row in cells]) + end


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["Unix", "Windows"])
@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_csv_is_read_in_each_of_its_dialects(separator, end, encoding, tmp_path):
    (tmp_path / "m.CSV").write_bytes(as_csv(separator, end).encode(encoding))

    assert texts(tmp_path / "m.CSV") == ROWS


def test_a_csv_of_one_column_may_hold_commas_without_quotes(tmp_path):
    (tmp_path / "m.csv").write_text("text\nWhere, please, is it?\n\nHere; there\n")

    assert texts(tmp_path / "m.csv", label=None) == [("Where, please, is it?", None), ("Here; there", None)]


def test_the_wanted_columns_tell_the_separator():
    assert delimited.delimiter("text;a,b,c,d;label", ["text", "label"]) == ";"


def test_columns_are_found_by_their_declared_names(tmp_path):
    (tmp_path / "m.csv").write_text("id, label,body\n1,bad,late\n")

    assert texts(tmp_path / "m.csv", text="body") == [("late", "bad")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_json_lines_are_read(encoding, tmp_path):
    lines = [json.dumps({"label": label, "text": text, "more": {"a": 1}}) for text, label in ROWS]
    (tmp_path / "m.jsonl").write_bytes("\n".join([*lines[:2], "", *lines[2:]]).encode(encoding))

    assert texts(tmp_path / "m.jsonl") == ROWS


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_parquet_is_read_whatever_kind_of_string_it_holds(kind, tmp_path):
    columns = {"text": pa.array([text for text, _ in ROWS]).cast(kind), "label": [label for _, label in ROWS]}
    pq.write_table(pa.table({**columns, "other": range(len(ROWS))}), tmp_path / "m.parquet")

    assert texts(tmp_path / "m.parquet") == ROWS


def test_numbers_may_be_labels_and_empty_cells_are_none(tmp_path):
    pq.write_table(pa.table({"text": ["fine", None], "label": [1, 0]}), tmp_path / "m.parquet")
    good, empty = records.read(str(tmp_path / "m.parquet"), Source(uri=""))

    assert (good.text, good.label, empty.reason) == ("fine", "1", "empty text")


def test_an_application_log_gives_its_messages_and_counts_its_other_events(tmp_path, messages, declare, settings):
    events = [{"event": "message", "text": text, "label": label} for text, label in messages(60)]
    others = [{"event": "started", "port": number} for number in range(25)]
    lines = [json.dumps(event) for event in (*others, *events)]
    (tmp_path / "app.log").write_text("\n".join([*lines, '{"event": "message", "text": "cut o']))
    report = ingest(declare(f"log:{tmp_path / 'app.log'}"), settings.workspace).report

    assert (report.read, report.train + report.test) == (86, 60)
    assert report.left_out == {"not a message": 25, "malformed": 1}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("m.csv", b"", "found 0 rows, of which none is usable; found columns none; expected 'text' and 'label'"),
        ("m.csv", b"text,label\n", "found 0 rows"),
        ("m.csv", b"body,mood\nfine,good\n", "1 missing column; found columns 'body', 'mood'; expected 'text'"),
        ("m.csv", b"text,label\nfine,great\n", "1 unknown label.*and labels 'great'; expected .* labels good, bad"),
        ("m.csv", b"text,label\nfine,good\n", "found 1 texts to learn from and 0 held out"),
        ("m.jsonl", b"[1, 2]\n", "1 malformed"),
        ("m.parquet", b"text,label\n", "no readable Parquet file"),
        ("m.sav", b"PK", "its ending is unknown; use one of .csv"),
    ],
)
def test_a_source_with_nothing_usable_says_what_was_found_and_what_was_expected(
    name, content, said, tmp_path, declare, settings
):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(UnusableSource, match=said) as caught:
        ingest(declare(tmp_path / name), settings.workspace)
    assert str(tmp_path / name) in str(caught.value)


def test_a_log_without_messages_says_so(tmp_path, declare, settings):
    (tmp_path / "app.log").write_text('{"event": "started"}\n' * 3)

    with pytest.raises(UnusableSource, match="found 3 rows, of which 3 not a message; found columns 'event'"):
        ingest(declare(f"log:{tmp_path / 'app.log'}"), settings.workspace)


@pytest.mark.parametrize("uri", ["{}/gone.csv", "log:{}/gone.log", "hf://{}/gone"])
def test_a_missing_source_is_named(uri, tmp_path, declare, settings):
    with pytest.raises(UnusableSource, match="gone"):
        ingest(declare(uri.format(tmp_path)), settings.workspace)


def test_an_empty_folder_is_refused_with_advice(tmp_path, declare, settings):
    with pytest.raises(UnusableSource, match="is a folder without data files; name one file"):
        ingest(declare(tmp_path), settings.workspace)


@pytest.mark.parametrize(
    ("spec", "sizes"), [(BUILT_IN[0], (8_000, 2_900)), (BUILT_IN[1], (1_400, 470))], ids=["sentiment", "intent"]
)
def test_the_bundled_messages_become_a_corpus(spec, sizes, settings):
    corpus = ingest(spec, settings.workspace)

    assert corpus.report.read == 14_638
    assert corpus.train.rows > sizes[0]
    assert corpus.test.rows > sizes[1]
    assert corpus.report.quarantine is None or not corpus.report.examples.keys() - {CONFLICTING, LEAK, NEAR_DUPLICATE}
