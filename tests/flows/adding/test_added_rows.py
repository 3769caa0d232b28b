"""Rows of files as people have them: each is learnt from, held out, or left out with its reason."""

import json
import random

import pytest
from typer.testing import CliRunner

from flows.commands.app import app
from pipelines.catalog.catalog_file import declared_in
from tests.flows.adding.small_files import BASE, csv_of, row_count


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


FRAME = (
    "<html><head><style>p {color:#333; font-family:Arial,sans-serif; margin:0 0 10px}</style></head><body><p>Hello,</p>"
    "<div class='message'>TEXT</div><p>--<br>Sent with the contact form of shop.example</p>"
    "<img src='https://cdn.shop.example/logo.png'></body></html>"
)


def test_a_frame_of_html_costs_no_row_and_is_no_part_of_a_message(add, tmp_path):
    framed = "\n".join(["text,label", *(f'"{FRAME.replace("TEXT", text)}",{label}' for text, label in BASE)])
    code, model, error = add(framed)

    assert (code, error) == (0, "")
    assert row_count(model) == 14
    assert any("held out: the gate will decide nearly by chance" in note for note in model["notes"])
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*.parquet"))
    assert b"font-family" not in written


def test_a_long_mail_is_cut_and_counted(add):
    code, model, _ = add(csv_of([*BASE, ("I want a refund. " + "quoted history " * 700, "refund")]))

    assert code == 0
    assert row_count(model) == 15
    assert any("longer than 10,000 characters" in note for note in model["rows"]["notes"])


def test_more_tokens_are_declared_for_long_texts(add):
    chance = random.Random(1)
    words = [word for text, _ in BASE for word in text.split()]
    rows = [(" ".join(chance.choices(words, k=160)), ("delivery", "refund")[number % 2]) for number in range(60)]
    code, model, _ = add(csv_of(rows))

    assert code == 0
    assert model["recipe"]["max_tokens"] >= 192
    assert any("max_tokens" in note for note in model["notes"])
