"""`needloop export`: stored messages, labels and corrections as tables, and labels that can be learnt again."""

import csv
import json
import stat
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest

from pipelines.catalog.catalog_file import declared_in
from pipelines.store.feedback_rows import Feedback, Origin
from pipelines.store.predictions import Prediction
from tests.flows.in_process import needloop_here

__all__ = ["needloop_here"]

SPRING, AUTUMN = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture
def answered(settings):
    """Records an answer of `sentiment`, and gives its id."""
    store = settings.workspace.store

    def answered(text, label="negative", time=AUTUMN, model="sentiment", customer=None):
        answer = Prediction(model, 3, f"key of {text}", text, label, 0.75, {label: 0.75}, customer, time=time)
        store.record([answer])
        return answer.id

    return answered


@pytest.fixture
def record_feedback(settings):
    """Record feedback, and return its id."""
    store = settings.workspace.store
    return lambda *words, **more: store.add(Feedback(*words, **more), origin=Origin("k")).id


@pytest.fixture
def export(needloop_here, tmp_path):
    """Exports into a file and reads it."""

    def export(subject, *words, name="rows.jsonl", model="sentiment"):
        file = tmp_path / name
        needloop_here("export", subject, "--model", model, "--out", file, *words)
        if name.endswith(".parquet"):
            return pq.read_table(file).to_pylist()
        with file.open(newline="", encoding="utf-8") as stream:
            return list(csv.DictReader(stream)) if name.endswith(".csv") else [json.loads(line) for line in stream]

    return export


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl", "rows.parquet"])
def test_messages_have_their_answers_and_no_customer(answered, export, name):
    first, second = answered("late <EMAIL>", time=SPRING), answered("=SUM(A1)", "positive", customer="c" * 64)
    answered("of another model", model="intent")
    rows = export("messages", name=name)
    assert [list(row) for row in rows] == [["id", "time", "version", "text", "label", "score", "abstained"]] * 2
    assert [row["id"] for row in rows] == [first, second]
    assert rows[0]["text"] == "late <EMAIL>"
    assert rows[1]["text"] == ("'=SUM(A1)" if name.endswith("csv") else "=SUM(A1)")
    assert rows[0]["time"] == "2026-03-01T00:00:00+00:00"
    assert (float(rows[1]["score"]), int(rows[1]["version"])) == (0.75, 3)


def test_hashes_of_customers_come_on_request_only(answered, export):
    answered("late", customer="c" * 64)
    assert [row["customer"] for row in export("messages", "--customers")] == ["c" * 64]


def test_only_rows_since_a_day_are_written(answered, record_feedback, export):
    answered("early", time=SPRING)
    record_feedback(answered("late"), label="positive")
    assert [row["text"] for row in export("messages", "--since", "2026-10-01")] == ["late"]
    assert [row["text"] for row in export("messages", "--since", "2026-03-01T00:00:01")] == ["late"]
    assert len(export("corrections", "--since", "2026-10-01")) == 1
    assert export("corrections", "--since", "2999-01-01") == export("labels", "--since", "2999-01-01") == []


def test_corrections_are_the_feedback_that_disagrees(answered, record_feedback, export, settings):
    right = answered("right")
    record_feedback(right, correct=True)
    record_feedback(right, rating=5)
    other = record_feedback(answered("other"), label="positive", comment="rude", rating=1)
    wrong = record_feedback(answered("wrong"), correct=False)
    none = record_feedback(answered("none"), correct=False, none_fits=True)
    undone = record_feedback(answered("undone"), label="positive")
    settings.workspace.store.undo(undone)
    rows = export("corrections")
    assert [(row["feedback"], row["label"], row["none"]) for row in rows] == [
        (other, "positive", False),
        (wrong, None, False),
        (none, None, True),
    ]
    assert (rows[0]["answer"], rows[0]["comment"], rows[0]["rating"]) == ("negative", "rude", 1)
    assert (rows[0]["reviewer"], "customer" in rows[0]) == (False, False)


def test_labels_are_those_that_retraining_learns(answered, record_feedback, export):
    record_feedback(answered("late"), label="neutral")
    record_feedback(answered("late"), label="positive")
    record_feedback(answered("kind", "positive"), correct=True)
    record_feedback(answered("odd"), label="of yesterday")
    record_feedback(answered("odd too"), none_fits=True)
    assert [(row["text"], row["label"]) for row in export("labels")] == [("late", "positive"), ("kind", "positive")]


def test_the_file_is_for_its_owner_alone_and_the_count_is_told(answered, needloop_here, tmp_path):
    answered("late")
    file = tmp_path / "rows.csv"
    done = needloop_here("export", "messages", "--model", "sentiment", "--out", file)
    assert done.out == f"1 messages of sentiment in {file}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = needloop_here("export", "messages", "--model", "sentiment", "--out", file, "--json").json()
    assert (told["rows"], told["subject"], told["out"], told["columns"][0]) == (1, "messages", str(file), "id")


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("messages", "--model", "nobody", "--out", "rows.csv"), 1, "'nobody' is not declared, and nothing is stored"),
        (("messages", "--model", "sentiment", "--out", "rows.txt"), 1, "use one of .csv, .jsonl, .parquet"),
        (("messages", "--model", "sentiment", "--out", "absent/rows.csv"), 1, "does not exist: make it first"),
        (("people", "--model", "sentiment", "--out", "rows.csv"), 2, "messages"),
        (("messages", "--model", "sentiment", "--out", "rows.csv", "--since", "soon"), 2, "--since"),
    ],
)
def test_a_mistake_is_a_sentence(needloop_here, tmp_path, monkeypatch, words, status, sentence):
    monkeypatch.chdir(tmp_path)
    assert sentence in needloop_here("export", *words, status=status).err
    assert {file.name for file in tmp_path.iterdir()} == {"home"}


@pytest.mark.parametrize("name", ["labels.csv", "labels.jsonl", "labels.parquet"])
def test_exported_labels_are_added_as_a_model(
    answered, record_feedback, export, needloop_here, settings, tmp_path, name
):
    for number in range(60):
        label, text = ("refund", "pay me back") if number % 2 else ("delivery", "where is my parcel")
        record_feedback(
            answered(f"{text}, {'abcdefghij'[number % 10]} {number * 7919}", "delivery", model="topics"), label=label
        )
    assert len(export("labels", name=name, model="topics")) == 60
    needloop_here("add", "again", "--data", tmp_path / name)
    (again,) = declared_in(settings.catalog_file)
    assert again.target.labels == ("delivery", "refund")
