"""`needloop add` over small files as people have them: labels, decoded rows, and the outcome of each row."""

import json
import random

import pytest
from typer.testing import CliRunner

from flows.commands.app import app
from pipelines.catalog.catalog_file import declared_in

BASE = [
    ("the courier never rang the bell", "delivery"),
    ("courier says nobody was home", "delivery"),
    ("where is my parcel", "delivery"),
    ("my parcel has not come yet", "delivery"),
    ("tracking says lost, help", "delivery"),
    ("no delivery since monday", "delivery"),
    ("parcel went to the wrong house", "delivery"),
    ("I sent it back, where is the money", "refund"),
    ("half of the price back, please", "refund"),
    ("I want my money back", "refund"),
    ("please refund the blue lamp", "refund"),
    ("how long does a refund take", "refund"),
    ("card was charged twice, pay me back", "refund"),
    ("return label please, it is broken", "refund"),
]


def csv_of(rows, header="text,label"):
    return "\n".join(
        [header, *(",".join(f'"{cell}"' if " " in str(cell) else str(cell) for cell in row) for row in rows)]
    )


def jsonl_of(rows):
    return "\n".join(json.dumps({"text": text, "label": label}) for text, label in rows)


@pytest.fixture
def add(tmp_path, monkeypatch):
    """Run `needloop add topics` over a file of this content; returns its exit code, JSON and error."""
    monkeypatch.setenv("NEEDLOOP_HOME", str(tmp_path / "home"))

    def run(content, name="base.csv", *options):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        result = CliRunner().invoke(app, ["add", "topics", "--data", str(file), "--json", *options])
        document = json.loads(result.stdout) if result.stdout.strip() else {}
        return result.exit_code, document, str(result.exception or "")

    return run


def row_count(document):
    return document["rows"]["train"] + document["rows"]["test"]


def test_the_plain_file_is_held_out_and_learnt_from_by_its_hash(add):
    code, model, _ = add(csv_of(BASE))

    assert code == 0
    assert (model["rows"]["read"], model["rows"]["train"], model["rows"]["test"]) == (14, 10, 4)
    assert model["rows"]["left_out"] == {}


FRENCH = [
    ("Où est mon colis", "delivery"),
    ("Je veux être remboursé", "refund"),
    ("Le colis est arrivé cassé", "delivery"),
    ("Remboursez ma commande annulée", "refund"),
]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8", "utf-16", "utf-8-sig"])
def test_no_row_is_lost_for_its_encoding(add, encoding):
    code, model, _ = add(csv_of([*BASE, *FRENCH]).encode(encoding))

    assert code == 0
    assert row_count(model) == 18
    assert model["labels"] == ["delivery", "refund"]


@pytest.mark.parametrize(
    ("label", "encoding"), [("réclamation", "latin-1"), ("remboursé", "cp1252"), ("退款", "gbk")], ids=str
)
def test_labels_are_decoded_too(add, label, encoding):
    prefix = "请问一下" if encoding == "gbk" else ""
    rows = [(prefix + text, label if name == "refund" else ("物流" if prefix else name)) for text, name in BASE]
    code, model, error = add(csv_of(rows).encode(encoding), "base.csv", "--language", "en")

    assert (code, error) == (0, "")
    assert label in model["labels"]
    assert row_count(model) == 14


def test_a_list_of_one_label_is_that_label(add):
    rows = [(text, [label]) for text, label in BASE]
    code, model, _ = add(jsonl_of(rows), "base.jsonl")

    assert (code, model["labels"]) == (0, ["delivery", "refund"])


def test_a_list_that_was_written_as_text_is_read_as_a_list(add):
    code, model, _ = add(csv_of((text, f"['{label}']") for text, label in BASE))

    assert (code, model["labels"]) == (0, ["delivery", "refund"])


@pytest.mark.parametrize("cell", [["refund", "urgent"], "refund;urgent", "refund|delivery", "refund,delivery"], ids=str)
def test_several_labels_in_a_cell_are_refused_with_the_option_that_reads_them(add, cell):
    code, _, error = add(jsonl_of([*BASE, ("money back now", cell)]), "base.jsonl")

    assert code == 1
    assert "several labels" in error
    assert "--separator" in error


def test_several_labels_are_learnt_where_declared(add):
    rows = [
        *BASE,
        ("where is my parcel or my money", ["refund", "delivery"]),
        ("parcel lost, pay me", "Delivery;refund"),
    ]
    code, model, _ = add(jsonl_of(rows), "base.jsonl", "--separator", ";")

    assert code == 0
    assert model["kind"] == "multilabel"
    assert model["labels"] == ["delivery", "refund"]
    assert row_count(model) == 16


@pytest.mark.parametrize(
    ("spelling", "label"),
    [("refund\u200b", "refund"), ("Refund", "refund"), ("REFUND ", "refund"), ("re\u00adfund", "refund")],
    ids=["zero width", "case", "case and space", "soft hyphen"],
)
def test_spellings_that_nobody_can_tell_apart_are_one_label(add, spelling, label):
    rows = [*BASE, ("half of my money back now", spelling), ("the lamp came in two parts", spelling)]
    code, model, _ = add(jsonl_of(rows), "base.jsonl")

    assert code == 0
    assert model["labels"] == ["delivery", label]
    assert row_count(model) == 16
    assert any("read as the label 'refund'" in note for note in model["rows"]["notes"])


def test_composed_and_decomposed_letters_are_one_label(add):
    forms = ("R\u00fcckgabe", "Ru\u0308ckgabe")
    rows = [(text, forms[number % 2] if label == "refund" else label) for number, (text, label) in enumerate(BASE)]
    code, model, _ = add(jsonl_of(rows), "base.jsonl")

    assert (code, model["labels"]) == (0, ["R\u00fcckgabe", "delivery"])
    assert row_count(model) == 14


@pytest.mark.parametrize("text", ["hello there", "please call me"], ids=["held out", "learnt from"])
def test_one_unlucky_row_blocks_no_file(add, text):
    code, model, _ = add(csv_of([*BASE, (text, "greeting")]))

    assert code == 0
    learnt = "greeting" in model["labels"]
    assert learnt or any("'greeting' (1 row): left out" in note for note in model["notes"])
    assert learnt is (text == "please call me")


def test_rare_labels_are_left_out_on_request(add):
    code, model, _ = add(csv_of([*BASE, ("please call me", "greeting")]), "base.csv", "--drop-rare", "3")

    assert (code, model["labels"]) == (0, ["delivery", "refund"])
    assert any("'greeting' (1 row): fewer than 3 rows" in note for note in model["notes"])


@pytest.mark.parametrize("missing", ["", "nan", "NULL", "None", " "], ids=repr)
def test_rows_without_a_label_are_counted_and_no_loss(add, missing):
    rows = [*BASE, *((f"a message about thing number {number}", missing) for number in range(20))]
    code, model, _ = add(csv_of(rows))

    assert (code, model["labels"]) == (0, ["delivery", "refund"])
    assert model["rows"]["left_out"] == {"no label": 20}
    assert model["rows"]["lost"] == 0


def test_a_number_that_means_no_label_is_declared(add):
    rows = [
        *((text, int(label == "refund")) for text, label in BASE),
        ("no idea", -1),
        ("no clue", -1),
        ("who knows", -1),
    ]
    _, class_of_its_own, _ = add(csv_of(rows))
    assert any("--missing-label=-1" in note for note in class_of_its_own["notes"])


def test_a_declared_missing_value_is_no_label(add):
    rows = [*((text, int(label == "refund")) for text, label in BASE), ("no idea", -1), ("no clue", -1)]
    code, model, _ = add(csv_of(rows), "base.csv", "--missing-label=-1")

    assert (code, model["labels"]) == (0, ["0", "1"])
    assert model["rows"]["left_out"] == {"no label": 2}


def test_integers_with_a_missing_one_stay_integers(add, tmp_path):
    import pandas as pd

    frame = pd.DataFrame(BASE, columns=["text", "label"]).replace({"delivery": 1, "refund": 2})
    frame.loc[3, "label"] = None
    for name, save in (("a.parquet", frame.to_parquet), ("a.csv", frame.to_csv)):
        save(tmp_path / name)
    for name in ("a.parquet", "a.csv"):
        code, model, error = add((tmp_path / name).read_bytes(), name)
        assert (code, model["labels"], error) == (0, ["1", "2"], "")
        (tmp_path / "home" / "catalog.toml").unlink()


def test_a_code_of_letters_and_digits_is_a_label(add):
    rows = [(text, "AB12CD" if label == "refund" else "QXZC64") for text, label in BASE]

    assert add(csv_of(rows))[1]["labels"] == ["AB12CD", "QXZC64"]


def test_contradicting_labels_are_counted_and_shown(add):
    rows = [
        *BASE,
        ("my order", "delivery"),
        ("My order", "refund"),
        ("My Order ", "refund"),
        ("lamp", "refund"),
        ("lamp", "delivery"),
    ]
    code, model, _ = add(csv_of(rows))

    assert code == 0
    assert model["rows"]["left_out"] == {"contradicting labels": 3, "copy with the same label": 1}
    assert any("lamp [refund]" in example for example in model["rows"]["examples"]["contradicting labels"])


def test_a_column_of_subject_lines_is_named(add):
    rows = [*BASE, *(("my order", "delivery") for _ in range(40))]
    code, model, _ = add(csv_of(rows))

    assert code == 0
    assert any("a subject line" in note for note in model["rows"]["notes"])


def test_more_than_half_lost_is_an_error_that_has_its_rows(add):
    rows = [
        *BASE,
        *((f"thing number {number} is late", label) for number in range(12) for label in ("delivery", "refund")),
    ]
    code, document, error = add(csv_of(rows))

    assert code == 1
    assert "--accept-loss" in error
    assert document["rows"]["left_out"] == {"contradicting labels": 24}
    assert document["rows"]["read"] == 38
    assert add(csv_of(rows), "base.csv", "--accept-loss")[0] == 0


def test_more_than_a_tenth_lost_is_a_warning_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDLOOP_HOME", str(tmp_path / "home"))
    (tmp_path / "base.csv").write_text(csv_of([*BASE, ("lamp", "refund"), ("lamp", "delivery")]))
    result = CliRunner().invoke(app, ["add", "topics", "--data", str(tmp_path / "base.csv")])

    assert result.exit_code == 0
    assert "warning: 2 of 16 rows (12%) are lost: 2 contradicting labels" in result.stdout
    assert "give each text one label" in result.stdout


def test_up_to_a_thousand_labels_are_accepted(add):
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(2000)]
    rows = [(" ".join(chance.sample(words, 6)), f"topic-{number % 301}") for number in range(301 * 5)]
    code, model, error = add(csv_of(rows))

    assert (code, error) == (0, "")
    assert len(model["labels"]) == 301


def test_a_nested_text_is_read_by_its_path(add):
    rows = "\n".join(json.dumps({"data": {"text": text}, "meta": {"tags": [label]}}) for text, label in BASE)
    code, model, _ = add(rows, "base.jsonl", "--text", "data.text", "--label", "meta.tags.0")

    assert (code, model["labels"]) == (0, ["delivery", "refund"])
    assert row_count(model) == 14


def test_a_file_that_has_gained_a_label_is_declared_again(add, tmp_path):
    assert add(csv_of(BASE))[0] == 0
    catalog = tmp_path / "home" / "catalog.toml"
    catalog.write_text(catalog.read_text().replace("[[model]]", "# ask Ana before changing this\n[[model]]"))
    before = declared_in(catalog)[0]
    rows = [*BASE, *((text, "greeting") for text in ("please call me", "good morning all", "hi, is anybody there"))]

    again = add(csv_of(rows), "base.csv")
    code, model, error = add(csv_of(rows), "base.csv", "--update")

    assert (again[0], code, error) == (1, 0, "")
    assert "--update" in again[2]
    assert model["labels"] == ["delivery", "refund", "greeting"]
    after = declared_in(catalog)[0]
    assert (after.target.names, after.gate, after.recipe) == (tuple(model["labels"]), before.gate, before.recipe)
    assert "# ask Ana before changing this" in catalog.read_text()


def test_an_update_of_an_unchanged_file_says_so(add):
    add(csv_of(BASE))
    code, model, _ = add(csv_of(BASE), "base.csv", "--update")

    assert (code, model["labels"]) == (0, ["delivery", "refund"])
    assert any("no label that is not declared" in note for note in model["notes"])


def test_a_name_is_checked_before_the_file_is_read(add):
    result = CliRunner().invoke(app, ["add", "my_topics", "--data", "nowhere.csv"])

    assert result.exit_code == 1
    assert str(result.exception) == "a name has lowercase letters, digits and dashes; for example my-topics"


def test_a_path_with_a_colon_and_a_space_is_read_from_any_folder(add, tmp_path, monkeypatch):
    (tmp_path / "tickets 14:35.csv").write_text(csv_of(BASE))
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["add", "topics", "--data", "tickets 14:35.csv"]).exit_code == 0
    assert declared_in(tmp_path / "home" / "catalog.toml")[0].source.uri == str(tmp_path / "tickets 14:35.csv")


def test_an_address_of_the_web_is_not_fetched(add):
    result = CliRunner().invoke(app, ["add", "topics", "--data", "https://shop.example/tickets.csv"])

    assert result.exit_code == 1
    assert "download" in str(result.exception)
