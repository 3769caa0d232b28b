import pytest

from expectations.labelled_text import labelled_text
from pipelines.catalog.built_in import BUILT_IN


def settled(spec, kind, column, previous=None):
    """The arguments of the expectations of one kind on one column."""
    suite = labelled_text(spec, previous)
    return [
        one.configuration.kwargs
        for one in suite.expectations
        if (one.expectation_type, getattr(one, "column", None)) == (kind, column)
    ]


@pytest.mark.parametrize("spec", BUILT_IN, ids=lambda spec: spec.name)
def test_every_number_of_a_suite_comes_from_the_declaration(spec):
    assert labelled_text(spec, None).name == spec.name
    [labels] = settled(spec, "expect_column_values_to_be_in_set", "label")
    assert labels["value_set"] == list(spec.target.names)
    languages = settled(spec, "expect_column_values_to_be_in_set", "language")
    assert [(one["value_set"], one["mostly"]) for one in languages] == [([spec.language], spec.min_language_share)] * 2
    longest = max(one["max_value"] for one in settled(spec, "expect_column_values_to_be_between", "length"))
    assert longest > spec.recipe.max_tokens


def test_the_first_snapshot_has_no_prior_to_hold_to():
    kind = ("expect_column_kl_divergence_to_be_less_than", "label")
    shares = {"negative": 0.5, "neutral": 0.3, "positive": 0.2}
    assert settled(BUILT_IN[0], *kind) == []
    [prior] = settled(BUILT_IN[0], *kind, previous=shares)
    assert prior["partition_object"] == {"values": list(shares), "weights": list(shares.values())}
