from pipelines.kinds.classification.evaluation.behaviour.easy import (
    MAX_CASES,
    MAX_RANK,
    TEXTS_PER_LABEL,
    easiest_texts,
    plain_cases,
)
from tests.conftest import SUBJECTS
from tests.pipelines.evaluation.voting import frame


def test_the_easiest_texts_of_a_label_carry_it_and_a_wrong_label_is_never_easy():
    train = frame()
    wrong = train["text"].tolist()[:2]
    train.loc[:1, "label"] = "praise"
    easy = easiest_texts(train)
    assert list(easy) == sorted(SUBJECTS)
    labels = dict(zip(train["text"], train["label"], strict=True))
    assert all(labels[text] == label for label, texts in easy.items() for text in texts)
    assert {len(texts) for texts in easy.values()} == {TEXTS_PER_LABEL}
    assert not set(wrong) & set(easy["praise"])


def test_feedback_cannot_change_what_is_easy():
    train = frame()
    assert easiest_texts(train) == easiest_texts(train_with_feedback := _with_feedback(train))
    assert easiest_texts(train_with_feedback.assign(origin="feedback")) != easiest_texts(train)


def _with_feedback(train):
    said = train.assign(text=train["text"] + " indeed", label="praise", origin="feedback")
    return type(train)({column: [*train[column], *said[column]] for column in train})


def test_plain_cases_take_labels_in_turns_and_are_not_too_many():
    few = {"a": ["a1", "a2", "a3", "a4"], "b": ["b1"]}
    assert plain_cases(few) == [("a1", "a"), ("b1", "b"), ("a2", "a"), ("a3", "a")]
    many = {str(label): [f"{label} {rank}" for rank in range(TEXTS_PER_LABEL)] for label in range(40)}
    cases = plain_cases(many)
    assert len(cases) == MAX_CASES < 40 * MAX_RANK
    assert {label for _, label in cases} == set(many)
