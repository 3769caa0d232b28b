"""Exports of Argilla: records as JSON, the datasets made of them, and records of version 1."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipelines.ingestion.readers.label_values import Label, agreed, cell, longest_text

_SUBMITTED = ("submitted", None)  # drafts and discarded responses give no label
_RESPONSES, _SUGGESTION, _STATUS = ".responses", ".suggestion", ".responses.status"


def is_record(values: Mapping[str, Any]) -> bool:
    """True for a record with its fields and responses."""
    return isinstance(values.get("fields"), dict) and "responses" in values


def record_rows(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """One row for a record; if its annotators differ, one for each response. Suggestions stand in `suggestion`."""
    questions = _by_question(values["responses"])
    suggestions = {name: cell(_labels([item])) for name, item in _suggested(values.get("suggestions"))}
    flat = {name: value for name, value in values["fields"].items() if isinstance(value, str)}
    yield from _question_rows({**values, **flat}, values["fields"], questions, suggestions)


def is_flat(values: Mapping[str, Any]) -> bool:
    """True for a row of a dataset: a column of responses for each question."""
    return any(name + _STATUS in values or name + "-suggestion" in values for name in _questions(values))


def flat_rows(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """As `record_rows`, from columns such as `label.responses`, or `label` and `label-suggestion` of version 1."""
    names = _questions(values)
    questions = {name: _flat_responses(values, name) for name in names}
    suggestions = {name: values.get(name + _SUGGESTION, values.get(name + "-suggestion")) for name in names}
    texts = {name: value for name, value in values.items() if isinstance(value, str) and name not in ("id", "status")}
    kept = {name: value for name, value in values.items() if name not in names}
    yield from _question_rows(kept, {name: texts[name] for name in texts if "." not in name}, questions, suggestions)


def is_first_version(values: Mapping[str, Any]) -> bool:
    """True for a record of text classification in version 1."""
    return "annotation" in values and ("annotation_agent" in values or "prediction" in values)


def first_version_rows(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The record with its annotation as label; a discarded one has none."""
    given = values["annotation"] if values.get("status") != "Discarded" else None
    inputs = values.get("inputs")
    text = values.get("text") or longest_text(inputs if isinstance(inputs, dict) else {})
    yield {**values, "text": text, "label": cell(given) if isinstance(given, list) else given}


def _question_rows(
    values: Mapping[str, Any], fields: Mapping[str, Any], questions: Mapping[str, list[Any]], suggestions: Any
) -> Iterator[Mapping[str, Any]]:
    """Rows with a column for each question; `label` is the question of that name, or the only one."""
    name = "label" if "label" in questions or len(questions) != 1 else next(iter(questions))
    others = {question: cell(_labels(given)) for question, given in questions.items() if question != name}
    named = suggestions or {}
    suggested = named.get(name, next(iter(named.values()), None) if len(named) == 1 else None)
    beside = {"text": longest_text(fields), "suggestion": suggested, **others}
    for label in agreed(cell(_labels([response])) for response in questions.get(name, ())):
        yield {**values, **beside, name: label, "label": label}


def _by_question(responses: Any) -> dict[str, list[Any]]:
    """Submitted responses by question: `{"label": [{"value"}]}`; in version 1 `[{"values": {"label": {"value"}}}]`."""
    if isinstance(responses, dict):
        return {name: [item for item in given or () if _counts(item)] for name, given in responses.items()}
    questions: dict[str, list[Any]] = {}
    for response in responses or ():
        if _counts(response) and isinstance(response.get("values"), dict):
            for name, item in response["values"].items():
                questions.setdefault(name, []).append(item)
    return questions


def _suggested(suggestions: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(suggestions, dict):
        return suggestions.items()
    return [(str(item.get("question_name")), item) for item in suggestions or () if isinstance(item, dict)]


def _questions(values: Mapping[str, Any]) -> list[str]:
    """The names of the questions that a dataset has columns for."""
    second = [name.removesuffix(_RESPONSES) for name in values if name.endswith(_RESPONSES)]
    return second or [name.removesuffix("-suggestion") for name in values if name.endswith("-suggestion")]


def _flat_responses(values: Mapping[str, Any], name: str) -> list[Any]:
    given = values.get(name + _RESPONSES, values.get(name))
    states = values.get(name + _STATUS) or [None] * len(given or ())
    pairs = zip(given or (), states, strict=False) if isinstance(given, list) else ()
    return [item for item, state in pairs if state in _SUBMITTED and _counts(item)]


def _counts(response: Any) -> bool:
    return not isinstance(response, dict) or response.get("status") in _SUBMITTED


def _labels(responses: Iterable[Any]) -> Iterator[Any]:
    for response in responses:
        value: Label = response.get("value") if isinstance(response, dict) else response
        yield from value if isinstance(value, list) else [] if value is None else [value]
