import pytest

from pipelines.store.feedback_rows import Feedback
from pipelines.store.labelled_feedback import LabelledText
from pipelines.store.votes import AllowedCells

LABELS = AllowedCells(("negative", "neutral", "positive"))


@pytest.mark.parametrize(
    ("said", "lesson"),
    [
        ({"label": "negative"}, "negative"),
        ({"correct": True}, "neutral"),
        ({"label": "positive", "correct": False}, "positive"),
        ({"label": "negative", "correct": True}, "negative"),
        ({"correct": False}, None),
        ({"rating": 5}, None),
        ({"comment": "well done"}, None),
        ({"label": "furious"}, None),
    ],
    ids=[
        "label",
        "confirmed",
        "corrected",
        "label wins",
        "only wrong",
        "only rated",
        "only commented",
        "no such label",
    ],
)
def test_only_a_named_or_confirmed_label_teaches(answer, store, said, lesson):
    prediction = answer("k1", "neutral")
    receipt = store.add(Feedback(prediction.id, **said))
    expected = [LabelledText("k1", "text of k1", lesson, receipt.id)] if lesson else []
    assert store.labelled_texts("sentiment", LABELS) == expected


def test_the_newest_word_on_a_text_wins_over_all_its_predictions(answer, store):
    first, second = answer("k1"), answer("k1")
    store.add(Feedback(second.id, label="negative"))
    last = store.add(Feedback(first.id, label="positive"))
    store.add(Feedback(second.id, correct=False))
    assert store.labelled_texts("sentiment", LABELS) == [LabelledText("k1", "text of k1", "positive", last.id)]


def test_a_newer_label_that_is_gone_uncovers_the_older_one(answer, store):
    prediction = answer("k1")
    store.add(Feedback(prediction.id, label="negative"))
    store.add(Feedback(prediction.id, label="furious"))
    assert [lesson.label for lesson in store.labelled_texts("sentiment", LABELS)] == ["negative"]


def test_lessons_come_in_the_order_they_were_taught_and_of_one_model_only(answer, store):
    predictions = [answer(key) for key in ("z", "a", "m")]
    other = answer("b", model="intent")
    for prediction in (*reversed(predictions), other):
        store.add(Feedback(prediction.id, correct=True))
    assert [lesson.key for lesson in store.labelled_texts("sentiment", LABELS)] == ["m", "a", "z"]


def test_counting_starts_after_the_row_last_seen(answer, store):
    prediction = answer()
    assert (store.count_feedback("sentiment"), store.last_feedback("sentiment")) == (0, 0)
    receipts = [store.add(Feedback(prediction.id, correct=True)) for _ in range(3)]
    store.add(Feedback(prediction.id, rating=1))
    assert store.count_feedback("sentiment") == 3
    assert store.count_feedback("sentiment", after=receipts[0].id) == 2
    assert store.last_feedback("sentiment") == receipts[-1].id
    assert store.count_feedback("intent") == 0
