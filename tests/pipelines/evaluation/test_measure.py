"""The condition under which a measure passes, and its sentence."""

import json
import math

import pytest

from pipelines.evaluation.measure import Measure, to_plain
from pipelines.kinds.classification.evaluation.out_of_scope_recall import OutOfScopeScores


@pytest.mark.parametrize(
    ("direction", "value", "low", "held"),
    [
        ("at least", 0.5, 0.1, True),
        ("at least", 0.4, 0.1, False),
        ("at most", 0.5, 0.1, True),
        ("at most", 0.6, 0.1, False),
        ("surely at least", 0.9, 0.5, True),
        ("surely at least", 0.9, 0.4, False),
        ("surely above", 0.9, 0.5, False),
        ("surely above", 0.9, 0.6, True),
        (None, 0.0, 0.0, True),
    ],
)
def test_a_limit_is_held_in_its_direction(direction, value, low, held):
    assert Measure("a.figure", value, low, 1.0, 0.5, direction).passes is held


@pytest.mark.parametrize("direction", ["at least", "at most", "surely at least", "surely above"])
@pytest.mark.parametrize(
    ("value", "limit"),
    [(None, 0.5), (math.nan, 0.5), (math.inf, 0.5), (0.5, None), (0.5, math.nan)],
    ids=["none", "nan", "infinite", "open", "hole"],
)
def test_what_is_no_number_refuses(direction, value, limit):
    assert not Measure("a.figure", value, value, value, limit, direction).passes


@pytest.mark.parametrize(
    ("measure", "reason"),
    [
        (Measure("a.figure", 0.7, limit=0.5, direction="at least"), "a.figure 0.700 reaches the floor 0.500"),
        (Measure("a.figure", 0.3, limit=0.5, direction="at least"), "a.figure 0.300 is under the floor 0.500"),
        (Measure("a.figure", 0.3, limit=0.5, direction="at most"), ""),
        (Measure("a.figure", 0.7, limit=0.5, direction="at most"), "a.figure 0.700, at most 0.500 is allowed"),
        (
            Measure("a.figure", None, limit=0.5, direction="at most"),
            "no evidence of a.figure; to evaluate again: needloop promote MODEL --version N",
        ),
        (Measure("a.figure", 0.7), ""),
        (Measure("a.figure", 0.3, limit=0.5, direction="at least", wording="too little"), "too little"),
        (Measure("a.figure", 0.7, limit=0.5, direction="at least", wording=""), ""),
        (
            Measure("a.figure", 0.3, limit=0.5, direction="at least", wording=""),
            "a.figure 0.300 is under the floor 0.500",
        ),
    ],
)
def test_a_measure_speaks_for_itself_unless_it_has_words(measure, reason):
    assert measure.reason == reason


def test_no_number_is_null_in_a_document_and_still_refuses():
    document = json.loads(
        json.dumps(Measure("a", math.nan, limit=0.5, direction="at least").document(), allow_nan=False)
    )
    assert (document["value"], document["held"]) == (None, False)
    assert not Measure.of(document).passes


def test_a_field_that_is_new_to_this_version_is_ignored():
    assert Measure.of({"name": "a", "value": 1, "from the future": 2}) == Measure("a", 1)


def test_attached_values_are_as_json_has_them():
    scope = {"outside": 1, "threshold": 0.5, "recall": 1.0, "auroc": 0.9, "kept": 1.0}
    assert to_plain(({"a": OutOfScopeScores(**scope)}, (1, "b", None))) == [{"a": scope}, [1, "b", None]]
