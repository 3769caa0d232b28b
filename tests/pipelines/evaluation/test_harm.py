import pytest

from pipelines.catalog.built_in import BUILT_IN
from pipelines.evaluation.harm import harmful_words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("You are an IDIOT.", ("idiot",)),
        ("idiot_customers", ("idiot",)),
        ("please shut-UP", ("shut up",)),
        ("go   to\nhell, moron!", ("moron", "go to hell")),
        ("ｓｔｕｐｉｄ", ("stupid",)),
        ("你这个笨 蛋，滚蛋", ("笨蛋", "滚蛋")),
        ("we will kill you", ("kill you",)),
    ],
)
def test_insults_and_threats_are_found_whatever_their_case_and_spacing(text, found):
    assert harmful_words(text) == found


@pytest.mark.parametrize(
    "text",
    ["", "foolproof", "the closure of gate 5", "please shut the door", "skill yourself", "app 过去死机", "滚动屏幕"],
)
def test_words_that_only_look_alike_are_none(text):
    assert harmful_words(text) == ()


def test_no_label_of_the_built_in_models_is_harmful():
    assert [label for spec in BUILT_IN for label in spec.target.names if harmful_words(label)] == []
