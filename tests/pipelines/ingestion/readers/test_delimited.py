import csv
import gzip
import io

import pandas as pd
import pytest

from pipelines.ingestion import sources
from pipelines.ingestion.rows import UnusableSource

ROWS = [("Where, please, is it?", "delivery"), ("two\nlines", "refund"), ('she said "no"', "refund")]


def table(separator=",", end="\n"):
    """The rows as CSV."""
    written = io.StringIO()
    csv.writer(written, delimiter=separator, lineterminator=end).writerows([("text", "label"), *ROWS])
    return written.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "pipe"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["Unix", "Windows", "old Mac"])
def test_csv_is_read_in_each_of_its_dialects(separator, end, file, pairs):
    read = pairs(file("m.csv", table(separator, end)))

    assert [(" ".join(text.split()), label) for text, label in read] == [
        (" ".join(text.split()), label) for text, label in ROWS
    ]


@pytest.mark.parametrize("name", ["m.psv", "m.tsv", "m.txt", "tickets 14:35.csv", "C:m.csv", "a#b.csv"])
def test_a_text_file_may_have_any_of_these_names(name, file, pairs):
    assert pairs(file(name, table("|"))) == ROWS


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\r\n', "SEP=;\n", "\n\nsep=;\n"])
def test_the_first_line_may_name_the_separator(first, file, pairs):
    assert pairs(file("m.csv", first + table(";"))) == ROWS


@pytest.mark.parametrize("separator", ["^", "~"])
def test_a_named_separator_may_be_any_character(separator, file, pairs):
    assert pairs(file("m.csv", f"sep={separator}\n{table(separator)}")) == ROWS


def test_a_line_feed_within_a_cell_of_an_old_mac_is_text(file, pairs):
    assert pairs(file("m.csv", 'text,label\r"two\nlines",refund\rone line,delivery\r')) == [
        ("two lines", "refund"),
        ("one line", "delivery"),
    ]


def test_a_bare_carriage_return_within_a_line_is_a_space(file, pairs):
    assert pairs(file("m.csv", "text,label\nwhere is\rmy box,delivery\n")) == [("where is my box", "delivery")]


def test_a_short_row_ends_with_empty_cells(file, pairs):
    uri = file("m.csv", "text,label,agent\nwhere is my parcel,delivery,Ann\nmy box,delivery\nmy cash\n")

    assert pairs(uri) == [("where is my parcel", "delivery"), ("my box", "delivery"), ("my cash", None)]


def test_a_row_with_a_cell_too_many_is_malformed_unless_it_is_empty(file, rejected):
    assert rejected(file("m.csv", "text,label\na,b,c\na,b, ,\n")) == [(2, "malformed")]


@pytest.mark.parametrize(
    "line",
    [
        '"Sorry" is not enough for a lost box,delivery',
        '"Refund" means my money and not a voucher,refund',
        'a 5" seat,refund',
        '"a" "b",refund',
        '"""quoted""",refund',
        '"He wrote ""no"" to me",refund',
        '"",refund',
    ],
)
def test_quotes_are_read_as_pandas_reads_them(line, file, pairs):
    content = f"text,label\n{line}\nnext,refund\n"
    expected = pd.read_csv(io.StringIO(content), keep_default_na=False)

    assert pairs(file("m.csv", content)) == list(expected.itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("lines", "texts", "lost"),
    [
        (['"open,a', "x,a", '"closed",a'], ["x", "closed"], [2]),
        (['"open,a', 'x,"b, c"', "y,a"], ["x", "y"], [2]),
        (['"open,a', "x,a"], ["x"], [2]),
        (["x,a", '"open,a'], ["x"], [3]),
        (['"open,a', '"open,a', "y,a"], ["y"], [2, 3]),
        (['"open,a', 'and a word"', "y,a"], ["y", 'and a word"'], [2]),
    ],
)
def test_a_quote_that_stays_open_costs_its_own_line_only(lines, texts, lost, file, rejected):
    uri = file("m.csv", "\n".join(["text,label", *lines, ""]))
    values = [item.values["text"] for item in sources.rows(uri) if hasattr(item, "values")]

    assert sorted(values) == sorted(texts)
    assert rejected(uri) == [(line, "malformed") for line in lost]


def test_a_required_column_that_is_there_twice_is_named(file):
    uri = file("m.csv", "text,label,label\nwhere is it,delivery,high\n")

    with pytest.raises(UnusableSource, match="the column 'label' is there twice"):
        list(sources.rows(uri, ("text", "label")))


def test_another_column_may_be_there_twice(file, pairs):
    uri = file("m.csv", "text,note,note,label\nwhere is it,a,b,delivery\n")

    assert pairs(uri) == [("where is it", "delivery")]
    assert sources.columns(uri) == ["text", "note", "note.1", "label"]


@pytest.mark.parametrize("name", ["m.csv.gz", "m.TXT.GZ", "m.csv"])
def test_a_compressed_file_is_read(name, file, pairs):
    assert pairs(file(name, gzip.compress(table().encode()))) == ROWS


@pytest.mark.parametrize("damaged", [lambda data: data[:-20], lambda data: data[:40] + b"x" * 40 + data[80:]])
def test_damaged_compression_is_named(damaged, file):
    rows = "".join(f"{number * 7919},{number}\n" for number in range(1000))

    with pytest.raises(UnusableSource, match="gzip data is cut off or damaged"):
        list(sources.rows(file("m.csv.gz", damaged(gzip.compress(b"text,label\n" + rows.encode())))))


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"PK\x03\x04" + bytes(range(256)), "ending .xlsx"),
        (b"\xd0\xcf\x11\xe0" + bytes(range(256)), "without a password"),
        (b"PAR1" + bytes(range(256)), "ending .parquet"),
        (bytes(range(256)) * 9, "bytes are no text"),
        (b"\n<!DOCTYPE HTML><html><body>Sign in</body></html>\n", "is a web page"),
    ],
)
def test_a_binary_file_with_the_ending_of_text_is_refused_with_advice(content, advice, file):
    with pytest.raises(UnusableSource, match=advice):
        list(sources.rows(file("m.csv", content)))
