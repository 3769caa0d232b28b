import pytest

from expectations.labelled_text import labelled_text
from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.recipe import Recipe


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


@pytest.mark.parametrize(
    ("changes", "remedies"),
    [
        ({}, ["raise recipe.max_tokens (128 now, at most 512", "recipe.truncation = 'head_tail'"]),
        ({"max_tokens": 512}, ["if they do not, read their end too with recipe.truncation = 'head_tail'"]),
    ],
)
def test_the_expectation_about_long_texts_names_the_remedy(changes, remedies):
    spec = BUILT_IN[0].model_copy(update={"recipe": Recipe(**changes)})
    (fits,) = [
        row.description for row in labelled_text(spec, None).expectations if "fit into" in (row.description or "")
    ]
    assert f"{spec.recipe.max_tokens} tokens" in fits
    assert all(remedy in fits for remedy in remedies)


def test_texts_whose_end_is_read_too_may_be_long():
    spec = BUILT_IN[0].model_copy(update={"recipe": Recipe(truncation="head_tail")})
    assert len(settled(spec, "expect_column_values_to_be_between", "length")) == 1


def test_the_longest_text_is_that_of_the_declared_cut_with_longer_placeholders():
    source = BUILT_IN[0].source.model_copy(update={"max_characters": 2_000})
    (whole, fits) = settled(
        BUILT_IN[0].model_copy(update={"source": source, "language": "zh"}),
        *("expect_column_values_to_be_between", "length"),
    )
    assert (whole["min_value"], whole["max_value"], fits["max_value"]) == (1, 8_000, 256)


def test_the_first_snapshot_has_no_prior_to_hold_to():
    kind = ("expect_column_kl_divergence_to_be_less_than", "label")
    shares = {"negative": 0.5, "neutral": 0.3, "positive": 0.2}
    assert settled(BUILT_IN[0], *kind) == []
    [prior] = settled(BUILT_IN[0], *kind, previous=shares)
    assert prior["partition_object"] == {"values": list(shares), "weights": list(shares.values())}
