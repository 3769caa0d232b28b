import json

import pandas as pd
import pytest

from pipelines.ingestion import sources
from pipelines.ingestion.rows import UnusableSource

ROWS = [("where is it", "delivery"), ("I want my money back", "refund"), ("please pay me", "refund")]
ITEMS = [{"text": text, "label": label} for text, label in ROWS]


@pytest.mark.parametrize(
    "document",
    [
        ITEMS,
        {"version": 2, "tickets": ITEMS},
        {"export": {"tickets": ITEMS}, "tags": ["a"], "empty": []},
        {"agents": [{"name": "Ann"}], "tickets": ITEMS},
        {"rasa_nlu_data": {"common_examples": ITEMS, "regex_features": [{"name": "zip"}]}},
        [[text, label] for text, label in ROWS],
        {"train": [[text, label] for text, label in ROWS]},
    ],
    ids=["array", "in an object", "deeper", "by its columns", "Rasa's JSON", "pairs", "pairs in an object"],
)
def test_the_array_of_a_json_document_is_read(document, file, pairs):
    assert pairs(file("m.json", json.dumps(document, indent=1))) == ROWS


@pytest.mark.parametrize("orient", ["records", "columns", "index", "split", "table"])
def test_a_table_of_pandas_is_read_however_it_was_written(orient, file, pairs):
    assert pairs(file("m.json", pd.DataFrame(ITEMS).to_json(orient=orient))) == ROWS


def test_a_table_of_lists_is_read(file, pairs):
    columns = {name: [item[name] for item in ITEMS] for name in ("text", "label")}

    assert pairs(file("m.json", json.dumps(columns))) == ROWS


def test_json_lines_under_the_ending_of_json_are_read(file, pairs):
    assert pairs(file("m.json", "\n".join(map(json.dumps, ITEMS)))) == ROWS


@pytest.mark.parametrize("ending", ["json", "jsonl"])
@pytest.mark.parametrize("indent", [0, 2])
def test_an_array_and_objects_over_several_lines_are_read_under_either_ending(indent, ending, file, pairs):
    assert pairs(file(f"a.{ending}", json.dumps(ITEMS, indent=indent))) == ROWS
    assert pairs(file(f"b.{ending}", "\n".join(json.dumps(item, indent=2) for item in ITEMS))) == ROWS
    assert pairs(file(f"c.{ending}", "[" + ",\n".join(map(json.dumps, ITEMS)) + "]")) == ROWS


def test_a_document_may_be_one_message(file, pairs):
    assert pairs(file("m.json", json.dumps(ITEMS[0]))) == ROWS[:1]


def test_the_note_names_the_array(file, notes):
    assert notes(file("m.json", json.dumps({"tickets": ITEMS}))) == ["read the array tickets of the document"]


def test_several_arrays_are_named_and_one_can_be_chosen(file, pairs):
    uri = file("m.json", json.dumps({"new": ITEMS[:1], "old": {"all": ITEMS}}))

    with pytest.raises(
        UnusableSource, match=r"several arrays: new, old\.all; name one behind the file, as in FILE#new"
    ):
        pairs(uri)
    assert pairs(f"{uri}#old.all") == ROWS
    assert sources.identity(f"{uri}#old.all") == sources.identity(uri)
    with pytest.raises(UnusableSource, match="no array of that name; it holds new"):
        pairs(f"{uri}#open")


def test_names_of_arrays_are_masked(file, pairs):
    uri = file("m.json", json.dumps({"jane@example.org": ITEMS, "joe@example.org": ITEMS}))

    with pytest.raises(UnusableSource, match="<EMAIL>") as caught:
        pairs(uri)
    assert "jane" not in str(caught.value)


def test_nested_values_stay_nested(file):
    (row,) = sources.rows(file("m.jsonl", '{"data": {"text": "where is it"}, "tags": ["a", "b"]}\n'))

    assert row.values == {"data": {"text": "where is it"}, "tags": ["a", "b"]}


@pytest.mark.parametrize("form", ["m.json", "m.jsonl"])
def test_whole_numbers_are_written_without_a_point(form, file, pairs):
    content = '{"text": "a", "label": 1.0}\n{"text": "b", "label": 1.5}\n'

    assert pairs(file(form, content)) == [("a", 1), ("b", 1.5)]


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        ('[{"text": "jane@example.org"},]', "no valid JSON: .*in line 1, column"),
        ('[{"text": "a" "label"}]', "no valid JSON: .*in line 1, column"),
        ("", "no valid JSON"),
        ("[" * 100_000, "nested too deeply"),
        (f"[{'9' * 10_000}]", "too many digits"),
        ('"text"', "holds no array of objects"),
        ("{}", "holds no array of objects"),
        ('{"text": "jane@example.org"}', "holds no array of objects"),
        ('{\n"text": "jane@example.org"}\n{\n"text"\n', "no valid JSON"),
    ],
)
def test_a_broken_document_is_one_sentence(content, advice, file):
    with pytest.raises(UnusableSource, match=advice) as caught:
        list(sources.rows(file("m.json", content)))
    assert "jane" not in str(caught.value)
    assert "\n" not in str(caught.value)


RASA = """version: "3.1"
nlu:
- intent: greet
  examples: |
    - hey
    - good morning - how are you
- intent: faq/yes
  examples: |
    - is it [tomorrow](time)
    - to [Berlin]{"entity": "city", "role": "to"}
- intent: no
  examples:
  - text: |
      not today
    metadata: {a: b}
  - not [now](time)
- synonym: bag
  examples: |
    - suitcase
stories: []
"""


@pytest.mark.parametrize("ending", ["yml", "yaml", "yml.gz"])
def test_training_data_of_rasa_is_read_without_its_markup(ending, file, pairs, notes):
    import gzip

    uri = file(f"nlu.{ending}", gzip.compress(RASA.encode()) if ending.endswith("gz") else RASA)

    assert pairs(uri) == [
        ("hey", "greet"),
        ("good morning - how are you", "greet"),
        ("is it tomorrow", "faq/yes"),
        ("to Berlin", "faq/yes"),
        ("not today", "no"),
        ("not now", "no"),
    ]
    assert "Rasa NLU" in notes(uri)[0]


def test_another_yaml_document_is_read_as_json_is(file, pairs):
    assert pairs(file("m.yaml", "tickets:\n- {text: where is it, label: yes}\n")) == [("where is it", "yes")]


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        ("nlu: [\n", "no valid YAML, in line"),
        ("a: &a [1]\nb: [*a, *a]\n", "tags or aliases"),
        ("- !!python/object/apply:os.system ['true']\n", "tags or aliases"),
        ("[" * 1000, "nested too deeply"),
        ("a: b\n" * 90 + "\x07", "not allow"),
    ],
)
def test_a_broken_or_hostile_yaml_document_is_one_sentence(content, advice, file):
    with pytest.raises(UnusableSource, match=advice):
        list(sources.rows(file("m.yaml", content)))
