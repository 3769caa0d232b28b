import json

import pyarrow.parquet as pq
import pytest

from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.rows import UnusableSource
from pipelines.ingestion.snapshot import read
from pipelines.ingestion.splits import TEST, in_validation
from pipelines.ingestion.text import bucket, digest
from pipelines.ingestion.unlabelled import messages as unlabelled

ADDRESS = "jane.roe@example.org"


@pytest.fixture
def texts(messages):
    """Forty labelled messages and two hundred without labels."""
    rows = messages(240)
    return rows[:40], [text for text, _ in rows[40:]]


@pytest.fixture
def spec(texts, table, declare):
    """A source of labelled messages; the unlabelled file holds those too."""
    labelled, others = texts
    file = table([(text,) for text in [*(text for text, _ in labelled), *others]], "others.csv", ("text",))
    return declare(table(labelled), unlabelled=str(file), traffic=0.2)


def everything(home):
    """Every byte under the home, Parquet files unpacked."""
    files = [path for path in home.rglob("*") if path.is_file()]
    unpacked = [json.dumps(pq.read_table(file).to_pylist()) for file in files if file.suffix == ".parquet"]
    return b"".join(file.read_bytes() for file in files) + "".join(unpacked).encode()


def test_no_text_of_the_source_is_among_them(spec, texts, settings):
    labelled, others = texts
    corpus = ingest(spec, settings.workspace)
    found = set(read(unlabelled(spec, settings.workspace))["text"])
    assert not found & set(read(corpus.test)["text"])
    assert not found & {text for text, _ in labelled}  # train, validation and traffic too
    assert found <= set(others)
    assert len(found) > 100


def test_what_its_hash_holds_out_is_not_learnt_from_either(spec, texts, settings):
    _, others = texts
    found = set(read(unlabelled(spec, settings.workspace))["text"])
    assert found == {text for text in others if bucket(digest(text)) >= TEST}


def test_what_is_nearly_a_test_text_is_left_out(table, messages, declare, settings):
    rows = messages(60)
    spec = declare(table(rows))
    held = read(ingest(spec, settings.workspace).test)["text"].tolist()
    nearly = [f"{text}!!" for text in held]
    # Other hashes: by themselves they would be learnt from.
    assert [text for text in nearly if bucket(digest(text)) >= TEST]
    file = table([(text,) for text in [*nearly, "quite another message about nothing at all"]], "others.csv", ("text",))
    declared = spec.model_copy(update={"source": spec.source.model_copy(update={"unlabelled": str(file)})})
    assert read(unlabelled(declared, settings.workspace))["text"].tolist() == [
        "quite another message about nothing at all"
    ]


def test_no_address_reaches_the_disk(table, messages, declare, settings):
    bad = f"{ADDRESS} {'x' * 20_000}"
    rows = [(f"{text} write to {ADDRESS}",) for text, _ in messages(80, seed=5)]
    file = table([*rows, (bad,)], "others.csv", ("text",))
    spec = declare(table(messages(40)), unlabelled=str(file))
    found = read(unlabelled(spec, settings.workspace))
    written = everything(settings.home)
    assert all("<EMAIL>" in text for text in found["text"])
    assert b"<EMAIL>" in written
    assert b"jane" not in written
    assert max(map(len, found["text"])) <= 10_000


def test_a_message_is_learnt_from_once(table, messages, declare, settings):
    new = [text for text, _ in messages(80, seed=5)]
    file = table([(text,) for text in [*new, *new, *(text.upper() for text in new)]], "others.csv", ("text",))
    spec = declare(table(messages(40)), unlabelled=str(file))
    assert read(unlabelled(spec, settings.workspace)).shape[0] == sum(bucket(digest(text)) >= TEST for text in new)


def test_the_digest_changes_with_the_messages_and_only_then(spec, texts, table, settings):
    one, again = unlabelled(spec, settings.workspace), unlabelled(spec, settings.workspace)
    more = [(text,) for text in [*texts[1], "one more message", "and another one", "and one that is the last"]]
    table(more, "others.csv", ("text",))
    assert one == again
    assert unlabelled(spec, settings.workspace).digest != one.digest


def test_the_column_is_the_sources_own_or_text(tmp_path, messages, table, declare, settings):
    new = [text for text, _ in messages(80, seed=5)]
    lines = "".join(json.dumps({"utterance": text}) + "\n" for text in new)
    (tmp_path / "own.jsonl").write_text(lines)
    (tmp_path / "plain.jsonl").write_text(lines.replace("utterance", "text"))
    labelled = table(messages(40), header=("utterance", "label"))
    own, plain = (
        unlabelled(declare(labelled, text="utterance", unlabelled=str(tmp_path / name)), settings.workspace)
        for name in ("own.jsonl", "plain.jsonl")
    )
    assert own == plain


def test_a_source_without_messages_has_none(table, messages, declare, settings):
    assert unlabelled(declare(table(messages(40))), settings.workspace) is None


def test_a_lost_file_of_messages_is_named(table, messages, declare, settings, tmp_path):
    spec = declare(table(messages(40)), unlabelled=str(tmp_path / "nowhere.csv"))
    with pytest.raises(UnusableSource, match=r"nowhere\.csv"):
        unlabelled(spec, settings.workspace)


def test_validation_texts_of_the_source_are_not_among_them(spec, settings):
    corpus = ingest(spec, settings.workspace)
    train = read(corpus.train)
    held = set(train.loc[train["validation"], "text"])
    assert all(in_validation(key) for key in train.loc[train["validation"], "key"])
    assert not held & set(read(unlabelled(spec, settings.workspace))["text"])
