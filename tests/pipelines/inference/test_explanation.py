"""The parts of a text that an explanation leaves out, and the limits of its work."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.inference.explanation import MAX_PARTS, WordWeight, explain_label
from pipelines.kinds.classification.reader import LabelReader


class Counting:
    """A false package: its certainty of `yes` grows with the number of letters `a`; it reads `reads` characters."""

    def __init__(self, reads=10_000):
        self.reads, self.asked = reads, []

    def visible(self, text):
        return text[: self.reads]

    @property
    def reader(self):
        return LabelReader(("no", "yes"), 1.0, 0.0)

    def calibrated(self, texts):
        self.asked += texts
        sure = np.array([min(text.count("a"), 10) / 10 for text in texts])
        return np.stack([1 - sure, sure], axis=1)


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        ("", "yes", []),
        ("b c", "yes", []),
        ("aaa b a", "yes", [WordWeight("aaa", 0.3), WordWeight("a", 0.1)]),
        ("a b aa", "no", [WordWeight("aa", -0.2), WordWeight("a", -0.1)]),
        ("<EMAIL> aa", "yes", [WordWeight("aa", 0.2)]),
        ("\u884ca\u674eaa", "yes", [WordWeight("aa", 0.2), WordWeight("a", 0.1)]),
    ],
    ids=["nothing said", "nothing mattered", "the weightiest first", "against it", "a placeholder", "between Han"],
)
def test_each_word_weighs_what_the_answer_loses_without_it(text, label, expected):
    assert explain_label(Counting(), text, label) == expected


def test_han_is_taken_character_by_character():
    package = Counting()
    explain_label(package, "\u884c\u674e\u4e22", "no")
    assert package.asked[1:] == ["\u674e\u4e22", "\u884c\u4e22", "\u884c\u674e"]


def test_what_the_model_does_not_read_is_not_asked_about():
    package = Counting(reads=5)
    assert explain_label(package, "aa b aaaaaa", "yes") == [WordWeight("aa", 0.2)]
    assert package.asked[0] == "aa b "


@given(st.text(max_size=400))
def test_no_text_takes_more_than_its_share_of_questions(text):
    package = Counting()
    explain_label(package, text, "yes")
    assert len(package.asked) <= MAX_PARTS + 1
    assert package.asked[0] == text


def test_in_a_long_text_neighbours_are_left_out_together_and_no_word_is_passed_over():
    package, said = Counting(), [f"a{number}" for number in range(100)]
    explain_label(package, " ".join(said), "yes")
    assert all(any(word not in left.split() for left in package.asked[1:]) for word in said)
    assert {len(left.split()) for left in package.asked[1:]} == {96}
