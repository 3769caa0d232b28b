"""Sentences about failed expectations: name, column, meaning and observed values."""

from collections.abc import Iterator
from html import escape
from typing import Any

from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration


def explain(result: ExpectationSuiteValidationResult) -> tuple[str, ...]:
    """A sentence for each failed expectation, also set as its description, so page and error have the same text.

    Expectations that could not be evaluated come last, because other failures cause them.
    """
    failed = [expectation for expectation in result.results if not expectation.success]
    failed.sort(key=lambda expectation: _exception(expectation) is not None)
    sentences = tuple(sentence(expectation) for expectation in failed)
    for expectation, text in zip(failed, sentences, strict=True):
        # Pages use a description as a template and observed values as HTML, so data is escaped to stay text.
        _expectation(expectation).description = escape(text).replace("$", "&#36;")
        expectation.result = _escaped(expectation.result)
    return sentences


def sentence(result: ExpectationValidationResult) -> str:
    """`expect_... on 'column' (what it means): what was observed`."""
    expectation = _expectation(result)
    meaning = f" ({expectation.description.rstrip('.')})" if expectation.description else ""
    exception = _exception(result)
    observed = (
        f"could not be checked: {exception}"
        if exception is not None
        else "; ".join(_observed(result, expectation.kwargs))
    )
    return f"{expectation.type}{_column(expectation.kwargs)}{meaning}: {observed}"


def _escaped(value: Any) -> Any:
    """The same value with every string in it escaped."""
    if isinstance(value, dict):
        return {name: _escaped(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_escaped(part) for part in value]
    return escape(value) if isinstance(value, str) else value


def _expectation(result: ExpectationValidationResult) -> ExpectationConfiguration:
    if result.expectation_config is None:
        raise TypeError("a result has no expectation_config; validate a suite, not a single expectation")
    return result.expectation_config


def _column(kwargs: dict[str, Any]) -> str:
    columns = kwargs.get("column_list") or ([kwargs["column"]] if "column" in kwargs else [])
    condition = kwargs.get("row_condition")
    column = f" on {_listed(columns)}" if columns else ""
    return f"{column} of {condition['parameter']}" if isinstance(condition, dict) else column


def _exception(result: ExpectationValidationResult) -> str | None:
    """The message of the exception that prevented the check; Great Expectations keeps one, or one per metric."""
    info = result.exception_info or {}
    exceptions = [info] if "raised_exception" in info else list(info.values())
    return next((str(entry["exception_message"]) for entry in exceptions if entry["raised_exception"]), None)


def _observed(result: ExpectationValidationResult, kwargs: dict[str, Any]) -> Iterator[str]:
    details = result.result
    mismatched = details.get("details", {}).get("mismatched", {})
    if missing := mismatched.get("missing") or details.get("partial_missing_list"):
        yield f"missing {_listed(missing)}"
    if details.get("element_count"):
        present = details["element_count"] - details.get("missing_count", 0)
        yield f"{details['unexpected_count']:,} of {present:,} values"
    if unexpected := mismatched.get("unexpected") or details.get("partial_unexpected_list"):
        yield f"unexpected {_listed(unexpected)}"
        yield from [f"accepted {_listed(kwargs['value_set'], most=20)}"] if "value_set" in kwargs else []
    if "threshold" in kwargs:
        yield f"observed {details['observed_value'] or float('inf'):.3f}, at most {kwargs['threshold']}"
        yield ", ".join(_share_changes(**details["details"]))


def _share_changes(observed_partition: dict[str, Any], expected_partition: dict[str, Any]) -> Iterator[str]:
    weights = zip(observed_partition["weights"], expected_partition["weights"], strict=True)
    for value, (share, before) in zip(observed_partition["values"], weights, strict=True):
        yield f"{value!r} {share:.1%} (was {before:.1%})"


def _listed(values: list[Any], most: int = 5) -> str:
    distinct = list(dict.fromkeys(repr(value) for value in values))
    return ", ".join(distinct[:most]) + (", ..." if len(distinct) > most else "")
