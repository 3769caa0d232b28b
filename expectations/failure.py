"""A failed expectation as a sentence: which one, on which column, and what was seen instead."""

from collections.abc import Iterator
from html import escape
from typing import Any

from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration


def explain(result: ExpectationSuiteValidationResult) -> tuple[str, ...]:
    """A sentence for each failure, which from now on is its description too: the page says what the error says.

    Those that could not be judged come last, being consequences of others.
    """
    failed = [one for one in result.results if not one.success]
    failed.sort(key=lambda one: _obstacle(one) is not None)
    sentences = tuple(sentence(one) for one in failed)
    for one, said in zip(failed, sentences, strict=True):
        # Pages take a description as a template, and observed values as HTML: whatever the data says must stay text.
        _expectation(one).description = escape(said).replace("$", "&#36;")
        one.result = _inert(one.result)
    return sentences


def sentence(result: ExpectationValidationResult) -> str:
    """`expect_... on 'column' (what it means): what was observed`."""
    expectation = _expectation(result)
    meaning = f" ({expectation.description.rstrip('.')})" if expectation.description else ""
    obstacle = _obstacle(result)
    seen = f"could not be judged: {obstacle}" if obstacle is not None else "; ".join(_seen(result, expectation.kwargs))
    return f"{expectation.type}{_place(expectation.kwargs)}{meaning}: {seen}"


def _inert(value: Any) -> Any:
    """The same value with every string in it escaped."""
    if isinstance(value, dict):
        return {name: _inert(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_inert(part) for part in value]
    return escape(value) if isinstance(value, str) else value


def _expectation(result: ExpectationValidationResult) -> ExpectationConfiguration:
    if result.expectation_config is None:
        raise TypeError("a result without its expectation says nothing; validate a suite")
    return result.expectation_config


def _place(kwargs: dict[str, Any]) -> str:
    columns = kwargs.get("column_list") or ([kwargs["column"]] if "column" in kwargs else [])
    where = kwargs.get("row_condition")
    place = f" on {_listed(columns)}" if columns else ""
    return f"{place} of {where['parameter']}" if isinstance(where, dict) else place


def _obstacle(result: ExpectationValidationResult) -> str | None:
    """What Great Expectations ran into: it keeps one exception, or one for each metric."""
    info = result.exception_info or {}
    each = [info] if "raised_exception" in info else list(info.values())
    return next((str(one["exception_message"]) for one in each if one["raised_exception"]), None)


def _seen(result: ExpectationValidationResult, kwargs: dict[str, Any]) -> Iterator[str]:
    found = result.result
    mismatched = found.get("details", {}).get("mismatched", {})
    if missing := mismatched.get("missing") or found.get("partial_missing_list"):
        yield f"missing {_listed(missing)}"
    if found.get("element_count"):
        yield f"{found['unexpected_count']:,} of {found['element_count'] - found.get('missing_count', 0):,} values"
    if unexpected := mismatched.get("unexpected") or found.get("partial_unexpected_list"):
        yield f"unexpected {_listed(unexpected)}"
        yield from [f"accepted {_listed(kwargs['value_set'], most=20)}"] if "value_set" in kwargs else []
    if "threshold" in kwargs:
        yield f"observed {found['observed_value'] or float('inf'):.3f}, at most {kwargs['threshold']}"
        yield ", ".join(_moved(**found["details"]))


def _moved(observed_partition: dict[str, Any], expected_partition: dict[str, Any]) -> Iterator[str]:
    weights = zip(observed_partition["weights"], expected_partition["weights"], strict=True)
    for value, (now, before) in zip(observed_partition["values"], weights, strict=True):
        yield f"{value!r} {now:.1%} (was {before:.1%})"


def _listed(values: list[Any], most: int = 5) -> str:
    distinct = list(dict.fromkeys(repr(value) for value in values))
    return ", ".join(distinct[:most]) + (", ..." if len(distinct) > most else "")
