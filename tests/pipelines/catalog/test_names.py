"""Names of models: the rule in our words, with an example that is valid."""

import pytest

from pipelines.catalog.names import InvalidName, require_name, valid_name

RULE = "a name has lowercase letters, digits and dashes; for example "


@pytest.mark.parametrize("name", ["my-topics", "a", "7", "intent-2", "a--b", "x" * 40])
def test_a_valid_name_is_accepted(name):
    require_name(name)


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("my_topics", "my-topics"),
        ("My Topics", "my-topics"),
        ("-topics-", "topics"),
        ("rückgabe", "ruckgabe"),
        ("主题", "my-topics"),
        ("topics\n", "topics"),
        ("", "my-topics"),
    ],
)
def test_a_wrong_name_is_answered_with_the_rule_and_a_valid_example(name, example):
    with pytest.raises(InvalidName) as error:
        require_name(name)
    assert str(error.value) == RULE + example
    require_name(example)


def test_a_long_name_is_answered_with_the_limit():
    with pytest.raises(InvalidName, match=r"at most 40 characters; for example x{40}$"):
        require_name("x" * 41)


def test_an_example_that_was_cut_ends_with_no_dash():
    assert valid_name("x" * 39 + "-yz") == "x" * 39
