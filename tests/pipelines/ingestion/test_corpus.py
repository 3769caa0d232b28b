import random

import pytest

from pipelines.catalog.recipe import Recipe
from pipelines.ingestion import snapshot
from pipelines.ingestion.corpus import BrokenLabels, ingest, replay_traffic, unlabelled
from pipelines.ingestion.row_report import HELD_OUT_FEEDBACK, LEAK, NEAR_DUPLICATE
from pipelines.ingestion.text import bucket, digest, normalise
from pipelines.store.labelled_feedback import LabelledText


def key_of(text):
    return digest(normalise(text))


def total(report):
    """The sum of the rows of a report over all outcomes."""
    return report.train + report.test + report.traffic + sum(report.left_out.values())


def test_the_same_rows_in_any_order_give_the_same_digests(table, messages, declare, settings):
    rows = [*messages(120), *messages(20), ("Thanks!", "good"), ("thanks!", "good"), ("THANKS!", "bad")]
    shuffled = random.Random(1).sample(rows, len(rows))

    corpora = [ingest(declare(table(one)), settings.workspace) for one in (rows, rows, rows[::-1], shuffled)]

    assert len({(corpus.train.digest, corpus.test.digest) for corpus in corpora}) == 1


def test_another_row_gives_another_digest(table, messages, declare, settings):
    first = ingest(declare(table(messages(120))), settings.workspace)
    second = ingest(declare(table(messages(121))), settings.workspace)

    assert (first.train.digest, first.test.digest) != (second.train.digest, second.test.digest)


def test_texts_are_split_by_their_hash_and_no_text_is_in_two_pools(table, messages, declare, settings):
    rows = messages(400)
    spec = declare(table(rows), traffic=0.2)
    corpus = ingest(spec, settings.workspace)
    train, test = snapshot.read(corpus.train), snapshot.read(corpus.test)
    replayed = {key_of(record.text) for record in replay_traffic(spec)}

    assert set(test.key) == {key_of(text) for text, _ in rows if bucket(key_of(text)) < 0.2}
    assert replayed == {key_of(text) for text, _ in rows if 0.2 <= bucket(key_of(text)) < 0.4}
    assert set(train.key) == {key_of(text) for text, _ in rows} - set(test.key) - replayed
    assert not set(train.text) & set(test.text)
    assert corpus.report.traffic == len(replayed)


def test_a_tenth_of_train_is_for_validation_and_none_of_it_is_known_from_the_pools(table, messages, declare, settings):
    train = snapshot.read(ingest(declare(table(messages(2000))), settings.workspace).train)

    assert 0.07 < train.validation.mean() < 0.13
    assert set(train.key[train.validation]) == {key for key in train.key if int(key[8:16], 16) / 2**32 < 0.1}
    assert train.key.is_monotonic_increasing


def test_a_snapshot_has_the_columns_and_types_that_others_read(table, messages, declare, settings):
    train = snapshot.read(ingest(declare(table(messages(120))), settings.workspace).train)

    assert {name: str(kind) for name, kind in train.dtypes.items()} == {
        **dict.fromkeys(("key", "text", "label", "origin"), "str"),
        **{"validation": "bool", "weight": "float64"},
    }
    assert set(train.origin) == {"source"}
    assert set(train.weight) == {1.0}


def test_every_row_is_accounted_for(table, messages, declare, settings):
    rows = [*messages(300), *messages(30), ("", "good"), ("Thanks!", "good"), ("thanks!", "bad"), ("fine", "meh")]
    close = [(f"{text} now!", label) for text, label in messages(50)]
    answers = [LabelledText(key_of(f"answer {n}"), f"answer {n}", "good", 1) for n in range(30)]
    report = ingest(declare(table([*rows, *close]), traffic=0.1), settings.workspace, answers).report

    assert report.read == len(rows) + len(close) + len(answers) == total(report)
    reasons = ("empty text", "unknown label", "copy with the same label", "contradicting labels")
    assert [report.left_out[reason] for reason in reasons] == [1, 1, 30, 2]
    assert min(report.left_out[reason] for reason in (LEAK, NEAR_DUPLICATE, HELD_OUT_FEEDBACK)) > 0
    assert report.traffic > 0


@pytest.mark.parametrize(
    ("labels", "kept"),
    [(["good", "bad", "bad"], "bad"), (["good", "good", "bad"], "good"), (["good", "bad"], None)],
    ids=["most say bad", "most say good", "nobody wins"],
)
def test_a_text_with_two_labels_keeps_that_of_most_rows(labels, kept, table, messages, declare, settings):
    text = "my bag is on the roof of the lounge"  # its hash puts it into train
    corpus = ingest(declare(table([*messages(100), *((text, label) for label in labels)])), settings.workspace)
    train = snapshot.read(corpus.train)

    assert list(train.label[train.key == key_of(text)]) == ([kept] if kept else [])
    contradicting = [label for label in labels if label != kept]
    assert corpus.report.left_out.get("contradicting labels", 0) == len(contradicting)


def test_a_train_text_that_is_nearly_a_test_text_is_dropped(table, messages, declare, settings):
    rows = messages(200)
    close = [(f"@someone {text}!!", label) for text, label in rows]
    close = [(text, label) for text, label in close if bucket(key_of(text)) >= 0.2]
    corpus = ingest(declare(table([*rows, *close])), settings.workspace)
    train, test = snapshot.read(corpus.train), snapshot.read(corpus.test)
    bare = {text.replace("<HANDLE> ", "").rstrip("!") for text in train.text}

    assert corpus.report.left_out[LEAK] == sum(
        bucket(key_of(text)) < 0.2 <= bucket(key_of(f"@someone {text}!!")) for text, _ in rows
    )
    assert not bare & set(test.text)
    assert len(train) == len(bare)  # and within train each is there once


def test_a_published_test_split_is_kept_whole(table, messages, declare, settings):
    rows = messages(300)
    train_file, test_file = table(rows[:220], "train.csv"), table(rows[200:], "test.csv")
    spec = declare(train_file, test=str(test_file), traffic=0.3)
    corpus = ingest(spec, settings.workspace)
    keys = [key_of(text) for text, _ in rows]
    train, test = set(snapshot.read(corpus.train).key), set(snapshot.read(corpus.test).key)

    assert test == set(keys[200:])
    assert train == {key for key in keys[:200] if not 0.2 <= bucket(key) < 0.5}
    assert {key_of(record.text) for record in replay_traffic(spec)} == set(keys[:200]) - train
    assert corpus.report.left_out["in the published test split"] == 20
    assert corpus.report.read == total(corpus.report)


def test_replayed_messages_are_what_customers_wrote(table, messages, declare):
    rows = [(f"{text} write to bob{n}@example.org &amp; call", label) for n, (text, label) in enumerate(messages(100))]
    replayed = {record.text: record.label for record in replay_traffic(declare(table(rows), traffic=0.2))}

    assert 10 < len(replayed) < 30
    assert replayed.items() <= {(text.replace("&amp;", "&"), label) for text, label in rows}


def test_labels_of_another_file_are_joined_by_hash(table, messages, declare, settings):
    rows = messages(200)
    texts = table([[text] for text, _ in rows], header=["text"])
    labels = table([(key_of(text), "good") for text, _ in rows[:120]], "labels.csv", ("hash", "label"))
    corpus = ingest(declare(texts, labels=str(labels), label=None), settings.workspace)

    assert corpus.train.rows + corpus.test.rows == 120
    assert corpus.report.left_out["not in the label file"] == 80
    assert set(snapshot.read(corpus.train).label) == {"good"}


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ((key_of("nobody wrote this"), "good"), "1 of 101 hashes in .* join no message"),
        ((key_of("flight"), "meh"), "'meh' is none of good, bad"),
        (None, "duplicate id"),
    ],
    ids=["joins nothing", "undeclared label", "twice"],
)
def test_labels_that_do_not_fit_are_an_error(extra, said, table, messages, declare, settings):
    rows = messages(100)
    texts = table([[text] for text, _ in rows], header=["text"])
    given = [(key_of(text), "good") for text, _ in rows]
    labels = table([*given, extra or given[0]], "labels.csv", ("hash", "label"))

    with pytest.raises(BrokenLabels, match=said):
        ingest(declare(texts, labels=str(labels), label=None), settings.workspace)


def test_unlabelled_messages_are_masked_and_distinct(table, messages, declare, settings):
    rows = messages(50)
    file = table([[f"{text} bob@example.org{mark}"] for text, _ in rows for mark in ("", "!", "!!")], header=["text"])
    stored = unlabelled(str(file), declare(file).source, settings.workspace)
    frame = snapshot.read(stored)

    assert list(frame.columns) == ["key", "text"]
    assert len(frame) == 50
    assert stored.uri.startswith(str(settings.home / "snapshots" / "messages"))
    assert all("<EMAIL>" in text for text in frame.text)


def test_the_recipe_weighs_feedback_and_the_source_weighs_one(table, messages, declare, settings):
    spec = declare(table(messages(100))).model_copy(update={"recipe": Recipe(alpha=2.5)})
    answers = [LabelledText("f" * 64, "the pilot sang for all of us on board", "good", 1)]
    train = snapshot.read(ingest(spec, settings.workspace, answers).train)

    assert dict(zip(train.origin, train.weight, strict=True)) == {"source": 1.0, "feedback": 2.5}
