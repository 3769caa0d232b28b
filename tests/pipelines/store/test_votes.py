"""One vote per customer within a key, one per key without customers, one in all without either; reviewers decide."""

import pytest
from sqlalchemy import event

from pipelines.store.database import open_database
from pipelines.store.feedback_filter import FeedbackFilter
from pipelines.store.feedback_rows import Feedback, Origin
from pipelines.store.labelled_feedback import LabelledText, labelled_texts, pending_labels
from pipelines.store.votes import AllowedCells, Sender

GOOD, BAD, SO, NONE = "positive", "negative", "neutral", None
LABELS = AllowedCells((BAD, SO, GOOD))


@pytest.fixture
def speak(store, answer):
    """Store labels of one text, in order, each with its key and its customer; a key that begins with `!` reviews."""

    def speak(*words, text="k1"):
        for label, key, customer in words:
            prediction = answer(text, customer="writer" if customer == "writer" else None)
            named = None if customer == "writer" else customer
            reviews = bool(key) and key.startswith("!")
            said = Feedback(prediction.id, label=label, customer=named, none_fits=label is NONE or None)
            store.add(said, origin=Origin(key, reviews))

    return speak


def labels_learnt(store, without=None):
    return [lesson.label for lesson in store.labelled_texts("sentiment", LABELS, without)]


CASES = {
    "one voice": ([(GOOD, None, None)], [GOOD]),
    "nobody known: the newest word": ([(GOOD, None, None), (BAD, None, None)], [BAD]),
    "another customer, later": ([(GOOD, "web", "a"), (BAD, "web", "b")], []),
    "a majority of customers": ([(GOOD, "web", "a"), (GOOD, "web", "b"), (BAD, "web", "c")], [GOOD]),
    "a customer says it often": ([(GOOD, "web", "a"), (GOOD, "web", "b"), *[(BAD, "web", "c")] * 9], [GOOD]),
    "a customer changes his mind": ([(GOOD, "web", "a"), (BAD, "web", "b"), (GOOD, "web", "b")], [GOOD]),
    "a key without customers": ([(GOOD, "web", "a"), (GOOD, "web", "b"), *[(BAD, "bot", None)] * 9], [GOOD]),
    "the same name with another key": ([(GOOD, "web", "a"), (BAD, "app", "a")], []),
    "the writer of the message": ([(GOOD, "web", "writer"), (BAD, "web", "b"), (GOOD, "web", "c")], [GOOD]),
    "three labels, two in front": (
        [(GOOD, "w", "a"), (BAD, "w", "b"), (GOOD, "w", "c"), (BAD, "w", "d"), (SO, "w", "e")],
        [],
    ),
    "a reviewer against two": ([(GOOD, "web", "a"), (GOOD, "web", "b"), (BAD, "!mei", None)], [BAD]),
    "votes after a reviewer": ([(BAD, "!mei", None), (GOOD, "web", "a"), (GOOD, "web", "b")], [BAD]),
    "the newest reviewer": ([(BAD, "!mei", None), (BAD, "!ann", None), (GOOD, "!bob", None)], [GOOD]),
    "a reviewer ends a tie": ([(GOOD, "web", "a"), (BAD, "web", "b"), (SO, "!mei", None)], [SO]),
    "a reviewer is not the writer": ([(GOOD, "!mei", "writer"), (BAD, "!mei", "writer")], [BAD]),
    "one says that none fits": ([(GOOD, "web", "a"), (NONE, "web", "b"), (GOOD, "web", "c")], [GOOD]),
    "a reviewer names a label after all": ([(NONE, "!mei", None), (GOOD, "!mei", None)], [GOOD]),
    "a label that is gone": ([(GOOD, "web", "a"), ("furious", "web", "b"), ("furious", "!mei", None)], [GOOD]),
}


@pytest.mark.parametrize(("words", "labels"), CASES.values(), ids=CASES.keys())
def test_a_text_has_the_label_that_most_voters_gave_it(speak, store, words, labels):
    speak(*words)
    assert labels_learnt(store) == labels
    assert store.ties("sentiment", LABELS) == (0 if labels else 1)
    assert store.pending_labels("sentiment", LABELS, 0) == len(labels)


@pytest.mark.parametrize(
    "words",
    [
        [(GOOD, "web", "a"), (NONE, "!mei", None), (GOOD, "web", "b")],
        [(GOOD, "web", "a"), (NONE, "web", "b"), (NONE, "web", "c")],
    ],
    ids=["a reviewer", "most"],
)
def test_a_text_that_no_label_fits_is_decided_and_teaches_nothing(speak, store, words):
    speak(*words)
    assert labels_learnt(store) == []
    assert (store.ties("sentiment", LABELS), store.pending_labels("sentiment", LABELS, 0)) == (0, 0)


def test_feedback_of_before_speaks_for_the_customer_of_its_prediction(answer, store, url):
    """Rows of an old database have no key and no customer."""
    first, second, third = (answer("k1", customer=one) for one in ("a", "b", "a"))
    for prediction, label in ((first, GOOD), (second, BAD), (third, BAD)):
        store.add(Feedback(prediction.id, label=label))
    with open_database(url).begin() as connection:
        connection.exec_driver_sql("UPDATE feedback SET customer = NULL")
    assert labels_learnt(store) == [BAD]
    assert store.ties("sentiment", LABELS) == 0


def test_one_reaction_to_each_text_teaches_as_it_did_before_there_were_votes(answer, store):
    """Old homes rely on this: the same labelled texts, in the order of the feedback, each with its row."""
    expected = []
    for number in range(30):
        prediction = answer(f"k{number % 20}", customer=None)
        receipt = store.add(Feedback(prediction.id, label=(GOOD, BAD, SO)[number % 3]))
        expected = [one for one in expected if one.key != prediction.key]
        expected.append(LabelledText(prediction.key, prediction.text, (GOOD, BAD, SO)[number % 3], receipt.id))
    assert store.labelled_texts("sentiment", LABELS) == expected


def test_a_lesson_is_as_new_as_the_newest_vote_for_it(speak, store):
    speak((GOOD, "web", "a"), (GOOD, "web", "b"), (BAD, "web", "c"))
    (lesson,) = store.labelled_texts("sentiment", LABELS)
    assert lesson.feedback == 2
    assert [store.pending_labels("sentiment", LABELS, after) for after in (0, 1, 2)] == [1, 1, 0]


def test_what_a_sender_said_can_be_left_out(speak, store):
    speak((GOOD, "web", "a"), (BAD, "web", "b"), (SO, None, None), (SO, "bot", None))
    assert labels_learnt(store) == [SO]
    speak((BAD, "web", "c"))
    assert labels_learnt(store) == []
    assert labels_learnt(store, Sender("bot")) == [BAD]
    assert labels_learnt(store, Sender("web", "b", customers=True)) == [SO]
    assert labels_learnt(store, Sender("web")) == [SO]
    assert labels_learnt(store, Sender(None)) == [BAD]
    assert store.ties("sentiment", LABELS, Sender("bot")) == 0


def test_what_is_set_aside_does_not_vote_until_it_is_restored(speak, store):
    speak((GOOD, "web", "a"), (BAD, "!mei", None))
    labels = store.feedback_cleanup()
    assert labels.set_aside(FeedbackFilter(keys=("!mei",))) == 1
    assert labels_learnt(store) == [GOOD]
    assert labels.restore(FeedbackFilter(keys=("!mei",))) == 1
    assert labels_learnt(store) == [BAD]


def test_feedback_is_read_before_predictions_of_which_there_are_many_more(url, store):
    if not url.startswith("sqlite"):
        pytest.skip("asks SQLite for its plan")
    asked, engine = [], open_database(url)
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
    with engine.connect() as connection:
        labelled_texts(connection, "sentiment", LABELS)
        pending_labels(connection, "sentiment", LABELS, 5)
        for statement, values in tuple(asked):
            plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert not [step for step in plan if "predictions_by_key (model=?)" in step or step == "SCAN predictions"]
            assert [step for step in plan if "sqlite_autoindex_predictions" in step]
