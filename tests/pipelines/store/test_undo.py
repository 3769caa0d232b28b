import pytest

from pipelines.store.feedback_rows import Feedback, UnknownFeedback
from pipelines.store.votes import AllowedCells

LABELS = AllowedCells(("negative", "neutral", "positive"))


def learnt(store):
    return [(lesson.key, lesson.label) for lesson in store.labelled_texts("sentiment", LABELS)]


def test_what_was_taken_back_is_never_learnt_from_nor_counted(answer, store):
    receipt = store.add(Feedback(answer().id, label="negative"))
    assert store.pending_labels("sentiment", LABELS, 0) == 1
    store.undo(receipt.id)
    assert learnt(store) == []
    assert (store.count_feedback("sentiment"), store.last_feedback("sentiment")) == (0, 0)
    assert store.pending_labels("sentiment", LABELS, 0) == 0


def test_the_word_before_counts_again(answer, store):
    prediction = answer("k1")
    store.add(Feedback(prediction.id, label="negative"))
    store.undo(store.add(Feedback(prediction.id, label="positive")).id)
    assert learnt(store) == [("k1", "negative")]


def test_sent_once_more_under_its_key_it_stays_taken_back(answer, store):
    feedback = Feedback(answer("k1").id, label="negative")
    first = store.add(feedback, "key")
    undone = store.undo(first.id)
    again = store.add(feedback, "key")
    assert (again.id, again.created) == (first.id, False)
    assert learnt(store) == []
    assert store.undo(first.id) == undone


def test_said_anew_it_is_new_to_a_retraining_that_had_seen_the_old_id(answer, store):
    prediction = answer("k1")
    seen = store.add(Feedback(prediction.id, label="negative")).id
    store.undo(seen)
    newer = store.add(Feedback(prediction.id, label="neutral"))
    assert newer.id > seen
    assert [lesson.feedback for lesson in store.labelled_texts("sentiment", LABELS)] == [newer.id]
    assert store.pending_labels("sentiment", LABELS, seen) == 1


def test_a_text_whose_feedback_was_taken_back_is_not_answered_by_the_replay_again(answer, store):
    store.undo(store.add(Feedback(answer("k1").id, label="negative")).id)
    assert store.without_feedback("sentiment") == {}


def test_waiting_counts_each_text_once_and_declared_labels_only(answer, store):
    one, two = answer("k1"), answer("k2")
    for label in ("negative", "positive", "furious"):
        store.add(Feedback(one.id, label=label))
    store.add(Feedback(two.id, label="furious"))
    assert store.pending_labels("sentiment", LABELS, 0) == 1


def test_unknown_feedback_cannot_be_taken_back(store):
    with pytest.raises(UnknownFeedback):
        store.undo(1)
