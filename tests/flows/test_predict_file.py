"""`needloop predict --data FILE --out FILE`: every row of a file answered, in order, with masked texts only."""

import csv
import json
import stat

import httpx
import pyarrow.parquet as pq
import pytest

from tests.flows.in_process import needloop_here
from tests.pipelines.serving.conftest import LABELS, promote, running, service, write_package

__all__ = ["needloop_here", "service"]

HEADS = ["line", "id", "label", "score", "abstained", "text"]


@pytest.fixture
def answer_file(needloop_here, service):
    def answer_file(data, out, *words, model="sentiment", url=None, **more):
        address = url or service.http.base_url
        return needloop_here("predict", model, "--url", address, "--data", data, "--out", out, *words, **more)

    return answer_file


@pytest.fixture
def tickets(tmp_path):
    """300 messages with another column that holds personal data."""
    file = tmp_path / "tickets.csv"
    texts = [f"{('bad', 'good', 'so')[number % 3]} ticket {number}" for number in range(300)]
    texts[7] = "bad, write to jane.roe@somewhere.org"
    texts[8] = "=good"
    with file.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["agent", "message"])
        rows.writerows(["ann.lee@shop.example", text] for text in texts)
    return file


def table(file):
    if file.suffix == ".parquet":
        return pq.read_table(file).to_pylist()
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream)) if file.suffix == ".csv" else [json.loads(line) for line in stream]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "CSV"])
def test_each_row_has_its_line_its_answer_and_its_masked_text(answer_file, tickets, tmp_path, ending):
    out = tmp_path / f"answers.{ending}"
    done = answer_file(tickets, out, "--text", "message")
    assert f"300 answers in {out}" in done.out
    rows = table(out.rename(out.with_suffix(out.suffix.lower())))
    assert list(rows[0]) == HEADS
    assert [int(row["line"]) for row in rows] == list(range(2, 302))
    assert [row["label"] for row in rows] == ["negative", "positive", "neutral"] * 100
    assert all(0.3 < float(row["score"]) <= 1 for row in rows)
    assert rows[7]["text"] == "bad, write to <EMAIL>"
    assert "ann.lee" not in str(rows)


def test_a_cell_that_a_spreadsheet_would_execute_is_text(answer_file, tickets, tmp_path):
    answer_file(tickets, tmp_path / "answers.csv", "--text", "message")
    answer_file(tickets, tmp_path / "answers.jsonl", "--text", "message")
    assert table(tmp_path / "answers.csv")[8]["text"] == "'=good"
    assert table(tmp_path / "answers.jsonl")[8]["text"] == "=good"


def test_the_ids_are_those_that_feedback_names(answer_file, tickets, tmp_path, service):
    answer_file(tickets, tmp_path / "answers.csv", "--text", "message")
    row = table(tmp_path / "answers.csv")[3]
    said = service.http.post("/v1/feedback", json={"prediction": row["id"], "label": "neutral"})
    assert said.status_code == 201


def test_rows_that_cannot_be_read_are_counted_and_named(answer_file, tmp_path):
    data = tmp_path / "tickets.jsonl"
    rows = [{"text": "bad"}, {"text": ""}, {"text": "x" * 10_001}, {"message": "bad"}, {"text": "good"}]
    data.write_text("".join(f"{json.dumps(row)}\n" for row in rows) + "{broken\n")
    done = answer_file(data, tmp_path / "answers.jsonl", "--json")
    assert [row["line"] for row in table(tmp_path / "answers.jsonl")] == [1, 5]
    sentence = "4 of 6 rows left out: 1 empty text (line 2), 1 too long (line 3), 1 missing column (line 4)"
    assert f"{sentence}, 1 malformed (line 6)" in done.err
    assert done.json()["left_out"] == {"empty text": [2], "too long": [3], "missing column": [4], "malformed": [6]}
    assert (done.json()["read"], done.json()["answered"], done.json()["versions"]) == (6, 2, [3])


def test_the_file_is_for_its_owner_alone_and_nothing_else_is_left(answer_file, tickets, tmp_path):
    out = tmp_path / "answers.csv"
    answer_file(tickets, out, "--text", "message")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert {file.name for file in tmp_path.iterdir()} == {"answers.csv", "tickets.csv", "home"}


@pytest.mark.parametrize(
    ("data", "out", "words", "advice"),
    [
        ("tickets.csv", "answers.txt", (), "use one of .csv, .jsonl, .parquet"),
        ("tickets.csv", "absent/answers.csv", (), "does not exist: make it first"),
        ("tickets.csv", "tickets.csv", (), "is the file that is read: name another one"),
        ("tickets.csv", "answers.csv", (), "found columns 'agent', 'message'; expected 'text'"),
        ("absent.csv", "answers.csv", (), "does not exist"),
        ("https://shop.example/tickets.csv", "answers.csv", (), "download it first"),
        (
            "tickets.csv",
            "answers.csv",
            ("--text", "message", "--url", "http://127.0.0.1:9"),
            "start one with: needloop",
        ),
    ],
)
def test_a_failure_is_a_sentence_and_leaves_no_file(answer_file, tickets, tmp_path, data, out, words, advice):
    before = tickets.read_bytes()
    data = data if "://" in data else tmp_path / data
    failed = answer_file(data, tmp_path / out, *words, status=1)
    assert advice in failed.err
    assert tickets.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"tickets.csv", "home"}


def test_a_file_that_was_there_stays_if_the_service_fails_in_the_middle(answer_file, tickets, tmp_path, monkeypatch):
    from pipelines.client import blocking

    out = tmp_path / "answers.csv"
    out.write_text("the answers of yesterday")
    predict, calls = blocking.Client.predict, []

    def fails_once_asked(client, *words, **more):
        calls.append(words)
        if len(calls) > 1:
            raise httpx.TransportError("lost")
        return predict(client, *words, **more)

    monkeypatch.setattr(blocking.Client, "predict", fails_once_asked)
    answer_file(tickets, out, "--text", "message", status=1)
    assert len(calls) == 2
    assert out.read_text() == "the answers of yesterday"
    assert {file.name for file in tmp_path.iterdir()} == {"answers.csv", "tickets.csv", "home"}


def test_several_labels_are_joined_as_in_data_files(answer_file, tmp_path):
    home, data = tmp_path / "several", tmp_path / "tickets.jsonl"
    package = write_package(home / "package", kind="multilabel", separator="|", thresholds=[0.6, 0.6, 0.6])
    promote(home, 1, package, model="needs")
    data.write_text('{"text": "bad good"}\n{"text": "nothing"}\n')
    with running(home) as service:
        answer_file(data, tmp_path / "answers.jsonl", model="needs", url=service.http.base_url)
    rows = table(tmp_path / "answers.jsonl")
    assert list(rows[0]) == ["line", "id", "labels", "abstained", "text"]
    assert set(rows[0]["labels"].split("|")) <= {*LABELS}
    assert rows[0]["labels"] == "negative|positive"
    assert rows[1]["labels"] == "|"


def test_texts_that_the_model_reads_in_part_are_counted(answer_file, tmp_path):
    data = tmp_path / "tickets.jsonl"
    data.write_text(f'{{"text": "bad"}}\n{{"text": "{"so " * 60}"}}\n')
    done = answer_file(data, tmp_path / "answers.jsonl", "--json")
    assert (done.json()["answered"], done.json()["truncated"]) == (2, 1)
    assert "1 text longer than the model reads" in done.err
