import pandas as pd
import pytest

from expectations.evidence import COLUMNS
from expectations.validation import InvalidData, require

GERMAN = "Mein Flug nach {} hatte drei Stunden Verspätung und niemand konnte uns sagen, warum."
CHINESE = "我去{}的航班延误了三个小时，没有人告诉我们为什么，行李也没有到。"


def replace(frame, column, value):
    return frame.assign(**{column: [value, *frame[column][1:]]})


def translate(frame, sentence):
    return frame.assign(text=[sentence.format(number) for number in range(len(frame))])


BROKEN = {
    "wrong label": (
        lambda train, test: (replace(train, "label", "angry"), test),
        ("expect_column_values_to_be_in_set on 'label'", "unexpected 'angry'", "accepted 'negative'"),
    ),
    "wrong label in test": (
        lambda train, test: (train, replace(test, "label", "angry")),
        ("expect_column_values_to_be_in_set on 'label'", "unexpected 'angry'"),
    ),
    "missing column": (
        lambda train, test: (train.drop(columns="label"), test),
        ("expect_table_columns_to_match_set", "missing 'label'"),
    ),
    "missing text in test": (
        lambda train, test: (train, test.drop(columns="text")),
        ("expect_table_columns_to_match_set", "'text'"),
    ),
    "extra column": (
        lambda train, test: (train.assign(phone="1"), test.assign(phone="1")),
        ("expect_table_columns_to_match_set", "unexpected 'phone'"),
    ),
    "too long": (
        lambda train, test: (replace(train, "text", "late " * 9_000), test),
        ("expect_column_values_to_be_between on 'length'", "1 of 500 values", "unexpected 44999"),
    ),
    "mostly cut": (
        lambda train, test: (train.assign(text=train["text"] * 20), test),
        (
            "expect_column_values_to_be_between on 'length'",
            "fit into 128 tokens; if they do not, raise recipe.max_tokens",
        ),
    ),
    "empty": (
        lambda train, test: (train, replace(test, "text", "  ")),
        ("expect_column_values_to_be_between on 'length'", "unexpected 0"),
    ),
    "malformed key": (
        lambda train, test: (replace(train, "key", "1"), test),
        ("expect_column_values_to_match_regex on 'key'", "unexpected '1'"),
    ),
    "duplicate key": (
        lambda train, test: (pd.concat([train, train[:1]]), test),
        ("expect_compound_columns_to_be_unique on 'split', 'key'", "2 of 501 values"),
    ),
    "overlap": (
        lambda train, test: (pd.concat([train, test[:1].assign(text="differently masked")]), test),
        ("expect_column_values_to_be_null on 'in_test'", "No text of train is a text of test", "1 of 501"),
    ),
    "same text once masked": (
        lambda train, test: (replace(train, "text", test["text"].iloc[0]), test),
        ("expect_column_values_to_be_null on 'in_test'", "1 of 500 values"),
    ),
    "missing class": (
        lambda train, test: (train[train["label"] != "neutral"], test),
        ("expect_column_distinct_values_to_contain_set on 'label' of train", "missing 'neutral'"),
    ),
    "rare class": (
        lambda train, test: (train[(train["label"] != "neutral") | ~train["label"].duplicated()], test),
        ("expect_column_values_to_be_null on 'rare_label'", "unexpected 'neutral'"),
    ),
    "German": (
        lambda train, test: (translate(train, GERMAN), test),
        ("expect_column_values_to_be_in_set on 'language' of train", "unexpected 'de'", "accepted 'en'"),
    ),
    "Chinese": (
        lambda train, test: (train, translate(test, CHINESE)),
        ("expect_column_values_to_be_in_set on 'language' of test", "unexpected 'zh'"),
    ),
    "empty test": (
        lambda train, test: (train, test[:0]),
        ("expect_column_distinct_values_to_equal_set on 'split'", "missing 'test'"),
    ),
    "unknown origin": (
        lambda train, test: (replace(train, "origin", "guess"), test),
        ("expect_column_values_to_be_in_set on 'origin'", "unexpected 'guess'"),
    ),
    "neither learned from nor validated by": (
        lambda train, test: (train.assign(validation=2), test.assign(validation=2)),
        ("expect_column_values_to_be_in_set on 'validation'", "unexpected 2"),
    ),
    "weightless": (
        lambda train, test: (replace(train, "weight", 0.0), test),
        ("expect_column_values_to_be_between on 'weight'", "unexpected 0.0"),
    ),
}


def test_a_good_corpus_passes(good, validate_frames):
    validation = validate_frames(*good)
    assert validation.failed == ()
    assert validation.success
    assert validation.checks > 15
    assert require(validation) is validation


@pytest.mark.parametrize(("damage", "named"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_corpus_fails_by_name(damage, named, good, failed):
    sentences = failed(*damage(*good))
    assert [sentence for sentence in sentences if all(part in sentence for part in named)], sentences


def test_nothing_goes_on_with_a_broken_corpus(good, validate_frames):
    damage, named = BROKEN["wrong label"]
    validation = validate_frames(*damage(*good))
    assert not validation.success
    assert len(validation.failed) == 1
    assert all(part in validation.failed[0] for part in named)
    with pytest.raises(InvalidData) as error:
        require(validation)
    assert all(said in str(error.value) for said in (*validation.failed, validation.docs))


@pytest.mark.parametrize("column", COLUMNS)
def test_no_value_may_be_missing(column, good, failed):
    train, test = good
    sentences = failed(train, replace(test, column, None))
    assert [one for one in sentences if f"expect_column_values_to_not_be_null on '{column}': 1 of 500" in one]


@pytest.mark.parametrize("broken", ["overlap", "German", "rare class", "missing class"])
def test_one_fault_fails_one_expectation(broken, good, failed):
    damage, _ = BROKEN[broken]
    assert len(failed(*damage(*good))) == 1
