import pytest

from pipelines.bench import data
from pipelines.bench.data import NoData, identity, load_split
from pipelines.ingestion.records import Record
from pipelines.ingestion.text import bucket, digest
from tests.conftest import small_rows


def test_published_splits_are_kept(folder):
    split = load_split("clinc150", folder)
    assert (len(split.train.texts), len(split.validation.texts), len(split.test.texts)) == (240, 30, 60)
    assert split.test.texts == tuple(text for text, _ in small_rows(60, seed=2))
    assert [len(texts) for texts in split.outside] == [9, 5]
    assert "oos" not in split.labels
    sentences = load_split("sst2", folder)
    assert sentences.labels == ("0", "1")
    assert (len(sentences.validation.texts), len(sentences.test.texts)) == (30, 60)
    assert sentences.test.texts[0] == split.test.texts[0]


def test_a_tenth_of_train_is_for_validation_by_hash(folder):
    split = load_split("banking77", folder)
    both = {*split.train.texts, *split.validation.texts}
    assert both == {text for text, _ in small_rows(240, seed=1)}
    assert len(both) == len(split.train.texts) + len(split.validation.texts)
    assert {bucket(digest(text)[8:]) < 0.1 for text in split.validation.texts} == {True}
    assert {bucket(digest(text)[8:]) < 0.1 for text in split.train.texts} == {False}
    assert dict(zip(split.test.texts, split.test.labels, strict=True)) == dict(small_rows(60, seed=2))


@pytest.mark.parametrize("name", ["waimai", "airline"])
def test_a_fifth_is_held_out_by_hash_where_no_split_is_published(folder, monkeypatch, name):
    rows = [*small_rows(240, seed=1), ("My bag is lost please help 1 ok", "baggage")] * 2
    messages = [Record(number, text, label, weight=0.5) for number, (text, label) in enumerate(rows)]
    monkeypatch.setattr(data, "read", lambda *_: messages)
    split = load_split(name, folder)
    assert {bucket(digest(text)) < 0.2 for text in split.test.texts} == {True}
    assert {bucket(digest(text)) < 0.2 for text in (*split.train.texts, *split.validation.texts)} == {False}
    assert len(set(split.test.texts)) == len(split.test.texts) > 30
    assert len(split.train.texts) > 120
    assert split.validation.texts
    assert set(split.train.weights) == {0.5 if name == "airline" else 1.0}


def test_no_folder_and_a_lost_file_are_told_apart(folder):
    with pytest.raises(NoData, match=r"needs --data FOLDER, a folder with banking77/train\.csv"):
        load_split("banking77", None)
    (folder / "sst2" / "dev.tsv").unlink()
    with pytest.raises(NoData, match=r"dev\.tsv: not there"):
        load_split("sst2", folder)


def test_the_identity_changes_with_a_file(folder):
    before = identity("sst2", folder)
    (folder / "sst2" / "dev.tsv").write_text("another\t1\n")
    assert identity("sst2", folder) != before
    assert len(identity("airline", None)) == 64
