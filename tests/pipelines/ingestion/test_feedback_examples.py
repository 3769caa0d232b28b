import pytest

from pipelines.ingestion import snapshot
from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.row_report import HELD_OUT_FEEDBACK, REPEATED_FEEDBACK, UNKNOWN_FEEDBACK
from pipelines.ingestion.text import bucket, digest, normalise
from pipelines.store.labelled_feedback import LabelledText


def key_of(text):
    return digest(normalise(text))


@pytest.fixture
def learn(table, messages, declare, settings):
    """Ingest 200 messages with some answers: the feedback in train by key, and the report."""
    spec = declare(table(messages(200)))

    def learned(*answers):
        corpus = ingest(spec, settings.workspace, answers)
        train = snapshot.read(corpus.train)
        ours = train[train.origin == "feedback"]
        return dict(zip(ours.key, ours.label, strict=True)), corpus.report

    return learned


def in_pool(messages, *, held_out):
    """A text that the source does not hold, of one side of the split."""
    return next(text for text, _ in messages(50, seed=9) if (bucket(key_of(text)) < 0.2) is held_out)


def test_feedback_on_a_train_text_is_learned(learn, messages):
    text = in_pool(messages, held_out=False)
    learned, report = learn(LabelledText(key_of(text), text, "bad", 1))

    assert learned == {key_of(text): "bad"}
    assert HELD_OUT_FEEDBACK not in report.left_out


def test_feedback_on_a_held_out_hash_is_never_learned(learn, messages):
    text = in_pool(messages, held_out=True)
    learned, report = learn(LabelledText(key_of(text), text, "bad", 1))

    assert learned == {}
    assert report.left_out[HELD_OUT_FEEDBACK] == 1


def test_feedback_nearly_a_test_text_is_never_learned(learn, messages):
    tests = [text for text, _ in messages(200) if bucket(key_of(text)) < 0.2]
    close = next(text for text in (f"{text}!!" for text in tests) if bucket(key_of(text)) >= 0.2)
    learned, report = learn(LabelledText(key_of(close), close, "bad", 1))

    assert learned == {}
    assert report.left_out[HELD_OUT_FEEDBACK] == 1


def test_the_source_goes_before_feedback_on_the_same_text(learn, messages):
    text = next(text for text, label in messages(200) if label == "good" and bucket(key_of(text)) >= 0.2)
    learned, report = learn(*[LabelledText(key_of(text), text, "bad", 1)] * 2)

    assert learned == {}
    assert report.left_out[REPEATED_FEEDBACK] == 2


def test_the_last_answer_to_a_text_counts(learn, messages):
    text = in_pool(messages, held_out=False)
    learned, report = learn(LabelledText(key_of(text), text, "bad", 1), LabelledText(key_of(text), text, "good", 1))

    assert learned == {key_of(text): "good"}
    assert report.left_out[REPEATED_FEEDBACK] == 1


def test_an_answer_with_an_undeclared_label_is_quarantined(learn, messages):
    text = in_pool(messages, held_out=False)
    learned, report = learn(LabelledText(key_of(text), text, "meh", 1))

    assert learned == {}
    assert report.left_out[UNKNOWN_FEEDBACK] == 1


def test_where_a_split_is_published_it_is_held_out_and_so_is_new_feedback_by_its_hash(
    table, messages, declare, settings
):
    rows = messages(200)
    spec = declare(table(rows[:150], "train.csv"), test=str(table(rows[150:], "test.csv")))
    new, recent, tested = in_pool(messages, held_out=False), in_pool(messages, held_out=True), rows[170][0]
    answers = [LabelledText(key_of(text), text, "bad", 1) for text in (new, recent, tested)]
    corpus = ingest(spec, settings.workspace, answers)
    train = snapshot.read(corpus.train)

    assert list(train.key[train.origin == "feedback"]) == [key_of(new)]
    assert corpus.report.left_out[HELD_OUT_FEEDBACK] == 2
