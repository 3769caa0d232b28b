"""The expectation suite of a declared model, derived from its declaration."""

# Great Expectations is typed, but does not declare that `expectations` re-exports its classes.
# mypy: disable-error-code="attr-defined"

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.row_conditions import Column, ComparisonCondition

from expectations.evidence import COLUMNS, DERIVED
from pipelines.catalog.spec import ModelSpec
from pipelines.catalog.truncation_advice import truncation_advice
from pipelines.ingestion.corpus import optional_columns
from pipelines.kinds.known import find_kind
from pipelines.kinds.suite import AcceptedShares, ExpectationSpec

# A placeholder may be longer than its detail: `@ab` becomes `<HANDLE>`.
PLACEHOLDER_GROWTH = 4
# A token of English covers 4.5 characters; a text with more characters per token than this is surely truncated. Scripts
# without spaces have 1 to 1.7.
CHARACTERS_PER_TOKEN, WITHOUT_SPACES, LANGUAGES_WITHOUT_SPACES = 6, 2, ("ja", "zh")
READ_WHOLE = 0.5
TRAINED = Column("split") == "train"
TESTED = Column("split") == "test"


def labelled_text(spec: ModelSpec, previous: dict[str, float] | None) -> gx.ExpectationSuite:
    """The suite that `evidence(train, test, spec, previous)` must pass; `previous` are the champion's label shares."""
    expectations = [*_schema(spec), *_identity(), *_texts(spec), *_answers(spec, previous)]
    return gx.ExpectationSuite(name=spec.name, expectations=expectations)


def _schema(spec: ModelSpec) -> list[Expectation]:
    return [
        gxe.ExpectTableColumnsToMatchSet(column_set=_columns(spec), exact_match=True),
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
        _between(1, PLACEHOLDER_GROWTH * spec.source.max_characters),
        *([_fits(spec)] if spec.recipe.truncation == "head" else []),
        *(_language(spec, split) for split in (TRAINED, TESTED)),
    ]


def _between(smallest: int, largest: int) -> Expectation:
    return gxe.ExpectColumnValuesToBeBetween(
        column="length",
        min_value=smallest,
        max_value=largest,
        description=f"A text has {smallest} to {largest:,} characters.",
    )


def _fits(spec: ModelSpec) -> Expectation:
    """Most texts are read whole, or their end is read too: a start alone may hold nothing but a greeting."""
    characters = WITHOUT_SPACES if spec.language in LANGUAGES_WITHOUT_SPACES else CHARACTERS_PER_TOKEN
    fits = f"At least {READ_WHOLE:.0%} of the texts fit into {spec.recipe.max_tokens} tokens"
    return gxe.ExpectColumnValuesToBeBetween(
        column="length",
        max_value=characters * spec.recipe.max_tokens,
        mostly=READ_WHOLE,
        description=f"{fits}; if they do not, {truncation_advice(spec.recipe)}.",
    )


def _language(spec: ModelSpec, split: ComparisonCondition) -> Expectation:
    return gxe.ExpectColumnValuesToBeInSet(
        column="language",
        value_set=[spec.language],
        mostly=spec.min_language_share,
        row_condition=split,
        description=f"At least {spec.min_language_share:.0%} of {split.parameter} read as {spec.language!r}.",
    )


def _columns(spec: ModelSpec) -> list[str]:
    return [*COLUMNS, *optional_columns(spec.source), *DERIVED, *find_kind(spec.kind).suite.columns()]


def _answers(spec: ModelSpec, previous: dict[str, float] | None) -> list[Expectation]:
    """The expectations about answers that the kind of the model declares."""
    before = AcceptedShares(previous, f"validation/{spec.name}.json") if previous else None
    return [
        _expectation(promise)
        for promise in find_kind(spec.kind).suite.expectations(spec.target, spec.min_label_share, before)
    ]


def _expectation(promise: ExpectationSpec) -> Expectation:
    where = {"row_condition": TRAINED} if promise.train_only else {}
    expectation: Expectation = getattr(gxe, promise.name)(**promise.arguments, **where)
    return expectation
