import json
from pathlib import Path

import pytest

from pipelines.ingestion import records
from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.records import Record, Rejected

GOOD = 60
IN_CSV = {
    "wrong encoding": (b"caf\xe9 was closed,good\n", "encoding"),
    "UTF-16 inside": ("café was closed".encode("utf-16-le") + b",good\n", "encoding"),
    "unknown label": (b"the crew was fine,meh\n", "unknown label"),
    "no label": (b"the crew was fine,\n", "no label"),
    "empty text": (b",good\n", "empty text"),
    "blank text": ("\u200b \u00a0 &nbsp;,good\n".encode(), "empty text"),
    "a text of 10 MB": (b"x" * 10_000_000 + b",good\n", "too long"),
    "a quoted text of 10 MB with line breaks": (b'"' + (b"so long " * 10 + b"\n") * 125_000 + b'",good\n', "too long"),
    "a line of 40 MB": (b"x" * 40_000_000 + b",good\n", "too long"),
    "too few fields": (b"the crew was fine\n", "no label"),
    "too many fields": (b"fine, really,good\n", "malformed"),
    "a quote that never closes": (b'"the crew was fine,good\n', "malformed"),
}
IN_JSON = {
    "wrong encoding": (b'{"text": "caf\xe9", "label": "good"}\n', "encoding"),
    "half a character": (b'{"text": "\\ud83d", "label": "good"}\n', "encoding"),
    "missing column": (b'{"message": "fine", "label": "good"}\n', "missing column"),
    "unknown label": (b'{"text": "fine", "label": "meh"}\n', "unknown label"),
    "two labels where one is declared": (b'{"text": "fine", "label": ["good", "bad"]}\n', "several labels"),
    "empty text": (b'{"text": " ", "label": "good"}\n', "empty text"),
    "no text": (b'{"text": null, "label": "good"}\n', "empty text"),
    "a text of 10 MB": (b'{"text": "' + b"x" * 10_000_000 + b'", "label": "good"}\n', "too long"),
    "half a line": (b'{"text": "fine", "lab\n', "malformed"),
    "no object": (b'["fine", "good"]\n', "malformed"),
    "a text that is a list": (b'{"text": ["fine"], "label": "good"}\n', "malformed"),
    "brackets without end": (b"[" * 100_000 + b"\n", "malformed"),
    "a number without end": (b'{"text": "fine", "label": ' + b"9" * 10_000 + b"}\n", "malformed"),
}


def in_csv(rows):
    return b"text,label\n", [f"{text} €,{label}\n".encode() for text, label in rows]


def in_json(rows):
    items = [{"text": f"{text} €", "label": label} for text, label in rows]
    return b"", [json.dumps(item, ensure_ascii=False).encode() + b"\n" for item in items]


CASES = [
    *(pytest.param("m.csv", in_csv, *case, id=f"CSV: {name}") for name, case in IN_CSV.items()),
    *(pytest.param("m.jsonl", in_json, *case, id=f"JSONL: {name}") for name, case in IN_JSON.items()),
]


@pytest.mark.parametrize(("name", "form", "bad", "reason"), CASES)
def test_a_bad_line_is_quarantined_and_every_good_row_survives(
    name, form, bad, reason, tmp_path, messages, declare, settings
):
    head, good = form(messages(GOOD))
    (tmp_path / name).write_bytes(head + b"".join([*good[:30], bad, *good[30:]]))

    report = ingest(declare(tmp_path / name), settings.workspace).report

    assert (report.read, report.train + report.test, report.left_out) == (GOOD + 1, GOOD, {reason: 1})


@pytest.mark.parametrize(("name", "form", "bad", "reason"), [CASES[0], CASES[12]])
def test_the_quarantine_says_where_why_and_what(name, form, bad, reason, tmp_path, messages, declare, settings):
    head, good = form(messages(GOOD))
    (tmp_path / name).write_bytes(head + b"".join([*good[:30], bad, *good[30:]]))
    spec = declare(tmp_path / name)

    first, again = (ingest(spec, settings.workspace).report.quarantine for _ in range(2))
    (entry,) = (json.loads(line) for line in Path(first).read_text(encoding="utf-8").splitlines())

    assert first == again
    assert entry.keys() == {"source", "line", "reason", "digest", "text"}
    assert (entry["source"], entry["line"], entry["reason"]) == (str(tmp_path / name), 31 + bool(head), reason)
    assert "café" in entry["text"]
    assert len(entry["digest"]) == 64


def test_of_two_rows_with_one_id_the_first_is_kept(tmp_path, declare):
    file = tmp_path / "m.csv"
    file.write_text("id,text,label\n7,first,good\n7,second,good\n8,third,bad\n,fourth,bad\n,fifth,bad\n")

    rows = list(records.read(str(file), declare(file, id="id").source))

    assert [row.text for row in rows if isinstance(row, Record)] == ["first", "third", "fourth", "fifth"]
    assert [row for row in rows if isinstance(row, Rejected)] == [Rejected(3, "duplicate id", "second")]


def test_a_stray_quote_costs_its_own_line_only(tmp_path, declare):
    file = tmp_path / "m.csv"
    file.write_text('text,label\n"open,good\nplain,bad\n"closed",good\n"two\nlines",bad\n5" seat,good\n')

    rows = list(records.read(str(file), declare(file).source))

    assert [(row.line, row.text) for row in rows if isinstance(row, Record)] == [
        (3, "plain"),
        (4, "closed"),
        (5, "two\nlines"),
        (7, '5" seat'),
    ]
    assert [(row.line, row.reason) for row in rows if isinstance(row, Rejected)] == [(2, "malformed")]


@pytest.mark.parametrize("dictionary", [False, True])
def test_a_bad_string_in_parquet_is_one_bad_row(dictionary, tmp_path, messages, declare, settings):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = messages(GOOD)
    raw = [text.encode() for text, _ in rows] + [b"caf\xe9"]
    text = pa.Array.from_buffers(pa.string(), len(raw), pa.array(raw, pa.binary()).buffers())
    if dictionary:
        text = pa.DictionaryArray.from_arrays(pa.array(range(len(raw)), pa.int32()), text)
    label = pa.array([label for _, label in rows] + ["good"]).dictionary_encode()
    pq.write_table(pa.table({"text": text, "label": label}), tmp_path / "m.parquet")

    report = ingest(declare(tmp_path / "m.parquet"), settings.workspace).report

    assert (report.read, report.train + report.test, report.left_out) == (GOOD + 1, GOOD, {"encoding": 1})
