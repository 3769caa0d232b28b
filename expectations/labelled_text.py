"""The suite of a declared model that reads texts and gives labels: everything in it follows from the declaration."""

# Great Expectations is typed, but does not say that `expectations` re-exports its classes, which is how it is used.
# mypy: disable-error-code="attr-defined"

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.row_conditions import Column, ComparisonCondition

from expectations.evidence import COLUMNS, DERIVED
from pipelines.catalog import ModelSpec
from pipelines.ingestion.corpus import about

# Ingestion refuses texts of more than 10,000 characters; masks may lengthen one a little.
LONGEST = 12_000
# A token of English covers 4.5 characters: what is longer than this many a token is surely cut before it is read.
CHARACTERS_PER_TOKEN = 6
READ_WHOLE = 0.5
# Kullback-Leibler divergence in nats. Sentiment at 63/21/16% may become 50/28/22% (0.03) but not even thirds (0.18).
PRIOR_SHIFT = 0.1
# A label that nobody declared fails its own expectation; without this it would fail the prior's as well.
UNDECLARED = 1e-3
TRAINED = Column("split") == "train"
TESTED = Column("split") == "test"


def labelled_text(spec: ModelSpec, previous: dict[str, float] | None) -> gx.ExpectationSuite:
    """What must hold for `evidence(train, test, spec)`; `previous` holds the label shares of the last good train."""
    prior = [_prior(spec, previous)] if previous else []
    expectations = [*_schema(spec), *_identity(), *_texts(spec), *_labels(spec), *prior]
    return gx.ExpectationSuite(name=spec.name, expectations=expectations)


def _schema(spec: ModelSpec) -> list[Expectation]:
    return [
        gxe.ExpectTableColumnsToMatchSet(column_set=[*COLUMNS, *about(spec.source), *DERIVED], exact_match=True),
        *(gxe.ExpectColumnValuesToNotBeNull(column=column) for column in COLUMNS),
        gxe.ExpectColumnDistinctValuesToEqualSet(column="split", value_set=["train", "test"]),
        gxe.ExpectColumnValuesToBeInSet(column="validation", value_set=[True, False]),
        gxe.ExpectColumnValuesToBeInSet(column="origin", value_set=["source", "feedback"]),
        gxe.ExpectColumnValuesToBeBetween(column="weight", min_value=0, strict_min=True),
    ]


def _identity() -> list[Expectation]:
    return [
        gxe.ExpectColumnValuesToMatchRegex(column="key", regex="^[0-9a-f]{64}$"),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["split", "key"], description="No text occurs twice in train, nor twice in test."
        ),
        gxe.ExpectColumnValuesToBeNull(column="in_test", description="No text of train is a text of test."),
    ]


def _texts(spec: ModelSpec) -> list[Expectation]:
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="length", min_value=1, max_value=LONGEST, description=f"A text has 1 to {LONGEST:,} characters."
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="length",
            max_value=CHARACTERS_PER_TOKEN * spec.recipe.max_tokens,
            mostly=READ_WHOLE,
            description=f"At least {READ_WHOLE:.0%} of the texts fit into {spec.recipe.max_tokens} tokens.",
        ),
        *(_language(spec, split) for split in (TRAINED, TESTED)),
    ]


def _language(spec: ModelSpec, split: ComparisonCondition) -> Expectation:
    return gxe.ExpectColumnValuesToBeInSet(
        column="language",
        value_set=[spec.language],
        mostly=spec.language_share,
        row_condition=split,
        description=f"At least {spec.language_share:.0%} of {split.parameter} read as {spec.language!r}.",
    )


def _labels(spec: ModelSpec) -> list[Expectation]:
    return [
        gxe.ExpectColumnValuesToBeInSet(column="label", value_set=list(spec.labels)),
        gxe.ExpectColumnDistinctValuesToContainSet(
            column="label",
            value_set=list(spec.labels),
            row_condition=TRAINED,
            description="Every declared label occurs in train.",
        ),
        gxe.ExpectColumnValuesToBeNull(
            column="rare_label", description=f"Every label has at least {spec.rarest:.2%} of train."
        ),
    ]


def _prior(spec: ModelSpec, previous: dict[str, float]) -> Expectation:
    return gxe.ExpectColumnKLDivergenceToBeLessThan(
        column="label",
        partition_object={"values": list(previous), "weights": list(previous.values())},
        threshold=PRIOR_SHIFT,
        tail_weight_holdout=UNDECLARED,
        row_condition=TRAINED,
        description=(
            "The label shares of train are about those of the last good snapshot: "
            f"delete validation/{spec.name}.json in the state folder to accept others."
        ),
    )
