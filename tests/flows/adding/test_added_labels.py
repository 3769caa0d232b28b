"""Labels that `needloop add` declares from files as people have them."""

import random

import pytest

from tests.flows.adding.small_files import BASE, csv_of, jsonl_of, row_count


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


def test_up_to_a_thousand_labels_are_accepted(add):
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(2000)]
    rows = [(" ".join(chance.sample(words, 6)), f"topic-{number % 301}") for number in range(301 * 5)]
    code, model, error = add(csv_of(rows))

    assert (code, error) == (0, "")
    assert len(model["labels"]) == 301


def test_a_list_as_numpy_writes_it_has_its_labels(add):
    rows = [*BASE, ("money back now", "['refund' 'urgent']")]
    code, _, error = add(csv_of(rows))

    assert code == 1
    assert "several labels" in error


def test_one_label_twice_in_a_list_is_one_label(add):
    code, model, _ = add(jsonl_of((text, [label, label]) for text, label in BASE), "base.jsonl")

    assert (code, model["labels"]) == (0, ["delivery", "refund"])


@pytest.mark.parametrize(("cell", "declared"), [("-1.0", "-1"), ("Unlabeled", "unlabeled")])
def test_a_missing_value_is_declared_in_any_spelling(add, cell, declared):
    rows = [*BASE, ("no idea what", cell), ("no clue at all", cell)]
    code, model, _ = add(csv_of(rows), "base.csv", f"--missing-label={declared}")

    assert (code, model["labels"]) == (0, ["delivery", "refund"])
    assert model["rows"]["left_out"] == {"no label": 2}
