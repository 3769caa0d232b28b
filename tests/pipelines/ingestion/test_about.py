"""Author and channel of a message: stored for slices and resampling where declared, never in the clear."""

from expectations.validation import validate
from pipelines.catalog.gate import Slice
from pipelines.evaluation.customers import text_customers
from pipelines.evaluation.slices import score_slices
from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.snapshot import read
from pipelines.masking.identity import customer_hash, secret_key

HEADER = ("text", "label", "way", "who")


def rows_of(messages):
    ways = ["chat", "mail", "call me at 212-555-0147"]
    return [(text, label, ways[number % 3], f"c-{number % 9}") for number, (text, label) in enumerate(messages(120))]


def test_a_customer_is_kept_as_a_keyed_hash_and_a_channel_masked(declare, table, messages, settings):
    spec = declare(table(rows_of(messages), header=HEADER), channel="way", customer="who")
    corpus = ingest(spec, settings.workspace)
    test = read(corpus.test)
    assert set(test["customer"]) <= {customer_hash(f"c-{number}", secret_key(settings.home)) for number in range(9)}
    assert set(test["channel"]) == {"chat", "mail", "call me at <PHONE>"}
    assert validate(corpus, spec.model_copy(update={"min_language_share": 0.0}), settings.workspace).success
    assert len(set(text_customers(test))) <= 9 < len(test)
    (chat,) = score_slices([Slice(by="channel", value="chat", min_texts=1)], test, test["label"].tolist(), None)
    assert chat.texts == chat.right == (test["channel"] == "chat").sum() > 0


def test_a_corpus_has_neither_where_neither_is_declared(declare, table, messages, settings):
    test = read(ingest(declare(table(rows_of(messages), header=HEADER)), settings.workspace).test)
    assert not {"channel", "customer"} & set(test.columns)
    assert text_customers(test) is None


def test_a_text_of_nobody_known_is_its_own(declare, table, messages, settings):
    rows = [
        (text, label, way, "" if number % 2 else who)
        for number, (text, label, way, who) in enumerate(rows_of(messages))
    ]
    test = read(ingest(declare(table(rows, header=HEADER), customer="who"), settings.workspace).test)
    unknown = test[test["customer"] == ""]
    assert len(unknown) > 3
    assert len(set(text_customers(unknown))) == len(unknown)
