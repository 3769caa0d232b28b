import csv
import io
import json

import pytest


def as_csv(rows):
    """CSV of rows as objects."""
    written = io.StringIO()
    table = csv.DictWriter(written, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    return written.getvalue()


def annotation(*choices, control="topic", kind="choices", **more):
    """An annotation of Label Studio."""
    result = {"from_name": control, "to_name": "text", "type": kind, "value": {kind: list(choices)}}
    return {"id": 1, "completed_by": 1, "result": [result], "was_cancelled": False, **more}


TASKS = [
    {"id": 1, "data": {"text": "where is it", "channel": "mail"}, "annotations": [annotation("delivery")]},
    {"id": 2, "data": {"text": "pay me"}, "annotations": [annotation("refund"), annotation("refund")]},
    {"id": 3, "data": {"text": "both"}, "annotations": [annotation("delivery", "refund")]},
    {"id": 4, "data": {"text": "cancelled"}, "annotations": [annotation("refund", was_cancelled=True)]},
    {"id": 5, "data": {"text": "skipped"}, "annotations": []},
    {"id": 6, "data": {"text": "spans"}, "annotations": [annotation("PER", kind="labels")]},
    {"id": 7, "data": {"text": "differ"}, "annotations": [annotation("a"), annotation("b")]},
    {"id": 8, "data": {"text": "truth"}, "annotations": [annotation("a"), annotation("b", ground_truth=True)]},
]
LABELLED = [
    ("where is it", "delivery"),
    ("pay me", "refund"),
    ("both", ["delivery", "refund"]),
    ("cancelled", None),
    ("skipped", None),
    ("spans", None),
    ("differ", "a"),
    ("differ", "b"),
    ("truth", "b"),
]


@pytest.mark.parametrize("annotations", ["annotations", "completions"])
@pytest.mark.parametrize("form", ["m.json", "m.jsonl"])
def test_tasks_of_label_studio_are_read(form, annotations, file, pairs, notes):
    tasks = [{annotations if name == "annotations" else name: value for name, value in task.items()} for task in TASKS]
    uri = file(form, json.dumps(tasks) if form == "m.json" else "\n".join(map(json.dumps, tasks)))

    assert pairs(uri) == LABELLED
    assert any("Label Studio" in note for note in notes(uri))


def test_a_task_keeps_its_own_fields(file):
    from pipelines.ingestion import sources
    from pipelines.ingestion.rows import SourceRow

    row = next(item for item in sources.rows(file("m.json", json.dumps(TASKS))) if isinstance(item, SourceRow))

    assert row.values["data"] == {"text": "where is it", "channel": "mail"}
    assert (row.values["channel"], row.values["topic"], row.values["id"]) == ("mail", "delivery", 1)


def test_several_controls_are_several_columns(file, pairs):
    both = annotation("delivery")
    both["result"] += annotation("high", control="urgency")["result"]
    uri = file("m.json", json.dumps([{"id": 1, "data": {"review": "where is it"}, "annotations": [both]}]))

    assert pairs(uri, label="topic") == [("where is it", "delivery")]
    assert pairs(uri, label="urgency") == [("where is it", "high")]


FLAT = [
    {"text": "where is it", "id": 1, "topic": "delivery", "annotator": 1, "annotation_id": 1, "lead_time": 2.5},
    {"text": "both", "id": 2, "topic": {"choices": ["a", "b"]}, "annotator": 1, "annotation_id": 2, "lead_time": 2.5},
]


@pytest.mark.parametrize("label", ["label", "topic"])
def test_json_min_and_csv_of_label_studio_are_read(label, file, pairs):
    in_csv = [{**row, "topic": json.dumps(row["topic"]) if row["id"] == 2 else row["topic"]} for row in FLAT]
    expected = [("where is it", "delivery"), ("both", ["a", "b"])]

    assert pairs(file("m.json", json.dumps(FLAT)), label=label) == expected
    assert pairs(file("m.csv", as_csv(in_csv)), label=label) == expected


DOCCANO = [
    {"id": 1, "text": "where is it", "label": ["delivery"]},
    {"id": 2, "text": "both", "label": ["delivery", "refund"]},
    {"id": 3, "text": "none", "label": []},
]


@pytest.mark.parametrize(("text", "label"), [("text", "label"), ("data", "label"), ("text", "labels")])
def test_json_lines_of_doccano_are_read(text, label, file, pairs, notes):
    lines = [json.dumps({"id": row["id"], text: row["text"], label: row["label"]}) for row in DOCCANO]
    uri = file("m.jsonl", "\n".join(lines))

    assert pairs(uri) == [("where is it", "delivery"), ("both", ["delivery", "refund"]), ("none", None)]
    assert "doccano" in notes(uri)[0]


def test_csv_of_doccano_is_read(file, pairs):
    uri = file("m.csv", "id,data,label\n1,where is it,delivery\n2,both,delivery#refund\n3,none,\n")

    assert pairs(uri) == [("where is it", "delivery"), ("both", ["delivery", "refund"]), ("none", None)]


def test_spans_of_doccano_are_no_labels_of_the_text(file, pairs):
    uri = file("m.jsonl", json.dumps({"id": 1, "text": "where is Ann", "label": [[9, 12, "PER"]]}))

    assert pairs(uri) == [("where is Ann", None)]


def response(value, status="submitted"):
    """A response in Argilla 1."""
    return {"user_id": "u", "status": status, "values": {"topic": {"value": value}}}


RECORDS = [
    {"id": "1", "fields": {"text": "where is it"}, "responses": {"topic": [{"value": "delivery", "user_id": "u"}]}},
    {"id": "2", "fields": {"text": "both"}, "responses": {"topic": [{"value": ["a", "b"], "user_id": "u"}]}},
    {"id": "3", "fields": {"text": "none"}, "responses": {}, "suggestions": {"topic": {"value": "delivery"}}},
]
FIRST = [
    {"fields": {"text": "where is it"}, "responses": [response("delivery")], "suggestions": []},
    {"fields": {"text": "both"}, "responses": [response(["a", "b"]), response("c", "discarded")]},
    {"fields": {"text": "none"}, "responses": [response("c", "draft")]},
]
SETS = [
    {"id": "1", "status": "completed", "text": "where is it", "topic.responses": ["delivery"]},
    {"id": "2", "status": "completed", "text": "both", "topic.responses": [["a", "b"]]},
    {"id": "3", "status": "pending", "text": "none", "topic.responses": None, "topic.suggestion": "a"},
]
FIRST_SETS = [
    {"text": "where is it", "topic": [{"user_id": "u", "value": "delivery", "status": "submitted"}]},
    {"text": "both", "topic": [{"user_id": "u", "value": ["a", "b"], "status": "submitted"}]},
    {"text": "none", "topic": [{"user_id": "u", "value": "a", "status": "discarded"}]},
]
OLD = [
    {"text": "where is it", "annotation": "delivery", "annotation_agent": "u", "status": "Validated"},
    {"text": "both", "annotation": ["a", "b"], "annotation_agent": "u", "status": "Validated", "multi_label": True},
    {"text": "none", "annotation": "a", "annotation_agent": "u", "status": "Discarded"},
]


@pytest.mark.parametrize(
    "records",
    [
        RECORDS,
        FIRST,
        [{**row, "topic.responses.status": ["submitted"] * len(row["topic.responses"] or [])} for row in SETS],
        [{**row, "topic-suggestion": None} for row in FIRST_SETS],
        OLD,
    ],
    ids=["records", "records of version 1", "data set", "data set of version 1", "text classification"],
)
def test_records_of_argilla_are_read(records, file, pairs, notes):
    uri = file("m.json", json.dumps(records))

    assert pairs(uri) == [("where is it", "delivery"), ("both", ["a", "b"]), ("none", None)]
    assert any("Argilla" in note for note in notes(uri))


def test_a_data_set_of_argilla_is_read_from_a_folder(tmp_path, pairs):
    from datasets import Dataset

    rows = [{**row, "topic.responses.status": ["submitted"] * len(row["topic.responses"] or [])} for row in SETS[::2]]
    Dataset.from_list(rows).save_to_disk(tmp_path / "saved")

    assert pairs(str(tmp_path / "saved")) == [("where is it", "delivery"), ("none", None)]


def test_a_file_of_no_tool_is_left_as_it_is(file, pairs, notes):
    uri = file("m.jsonl", json.dumps({"text": "where is it", "label": ["delivery"], "annotations": 3}))

    assert pairs(uri) == [("where is it", ["delivery"])]
    assert notes(uri) == []
