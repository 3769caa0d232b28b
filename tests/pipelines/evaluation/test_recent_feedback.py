from dataclasses import replace

import pandas as pd
import pytest

from pipelines.evaluation.recent_feedback import MOST, select_recent
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.store.labelled_feedback import LabelledText

LABELS = Labels(labels=("a", "b"))
HELD, TAUGHT = "0" * 7, "f" * 7
TRAIN = pd.DataFrame({"key": ["f1"], "text": ["the train was late by an hour in the morning and nobody said why"]})
TEST = pd.DataFrame({"key": [f"{HELD}{'0' * 56}9"], "text": ["a text of the frozen split"]})


def lesson(number, text=None, start=HELD):
    return LabelledText(
        f"{start}{number:057d}", text or f"{number} words that no other text has, {number * 7919}", "a", number
    )


def test_only_texts_that_are_held_out_by_their_hash_are_recent():
    assert select_recent([lesson(1), lesson(2, start=TAUGHT)], LABELS, TRAIN, TEST) == [lesson(1)]


def test_no_text_of_the_frozen_split_is_among_them():
    assert select_recent([lesson(9)], LABELS, TRAIN, TEST) == []


@pytest.mark.parametrize(
    "learnt", [[], [lesson(2, "another hour was lost in the train this morning, said nobody", TAUGHT)]]
)
def test_none_is_nearly_what_was_learnt_from(learnt):
    near = TRAIN["text"][0].replace("morning", "mornign") if not learnt else learnt[0].text.replace("train", "trian")
    assert select_recent([*learnt, lesson(1, near), lesson(3)], LABELS, TRAIN, TEST) == [lesson(3)]


def test_of_many_the_newest_are_taken_in_order_of_time():
    found = select_recent([lesson(number) for number in range(10, MOST + 30)], LABELS, TRAIN, TEST)
    assert found[0].feedback >= 30
    assert [one.feedback for one in found] == sorted(one.feedback for one in found)


def test_what_may_no_longer_be_answered_is_left_out_and_sets_are_compared_in_their_order():
    target = LabelSets(labels=("a", "b"))
    said = [replace(lesson(number), label=label) for number, label in enumerate(["b;a", "a;gone", "a"], start=1)]
    assert [one.label for one in select_recent(said, target, TRAIN, TEST)] == ["a;b", "a"]
