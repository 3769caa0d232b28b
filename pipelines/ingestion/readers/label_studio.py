"""Exports of Label Studio: JSON of tasks, and JSON-MIN or CSV with one row for each annotation."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.ingestion.readers.label_values import Label, agreed, cell, longest_text

_ANNOTATIONS = ("annotations", "completions")  # `completions` before version 1
# Keys under which a result has the labels of a whole text; `labels` marks spans.
_CHOICES = ("choices", "taxonomy", "rating")
# Columns of the flat forms that are neither data nor labels.
_BESIDE = frozenset(
    ("annotation_id", "annotator", "created_at", "updated_at", "lead_time", "id", "agreement", "task_id", "text")
)


def is_task(values: Mapping[str, Any]) -> bool:
    """True for a task with its data and a list of annotations."""
    return isinstance(values.get("data"), dict) and any(isinstance(values.get(name), list) for name in _ANNOTATIONS)


def task_rows(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """One row for a task; if its annotators differ, one for each annotation. Cancelled ones give no label.

    Each control of the labelling page is a column; `label` is the only one, if there is only one.
    """
    data = values["data"]
    flat = {name: value for name, value in data.items() if not isinstance(value, dict | list)}
    written = [annotation for name in _ANNOTATIONS for annotation in values.get(name) or () if _counts(annotation)]
    truth = [annotation for annotation in written if annotation.get("ground_truth")]
    for controls in agreed(_controls(annotation) or None for annotation in truth or written):
        given: dict[str, Any] = controls or {}
        only = {"label": next(iter(given.values()), None)} if len(given) < 2 else {}
        yield {**values, **flat, **only, **given, "text": longest_text(data)}


def is_flat(values: Mapping[str, Any]) -> bool:
    """True for a row of JSON-MIN or CSV."""
    return "annotation_id" in values and "annotator" in values


def flat_rows(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The row with plain lists for choices; `label` is its only column of labels, if there is only one."""
    plain = {name: _plain(value) for name, value in values.items()}
    text = longest_text({name: value for name, value in plain.items() if name not in _BESIDE or name == "text"})
    columns = [name for name, value in plain.items() if name not in _BESIDE and value != text]
    label = {"label": plain[columns[0]]} if len(columns) == 1 else {}
    yield {**plain, "text": text, **label}


def _counts(annotation: Any) -> bool:
    return isinstance(annotation, dict) and not annotation.get("was_cancelled") and not annotation.get("skipped")


def _controls(annotation: Mapping[str, Any]) -> dict[str, Any]:
    """The labels of a whole text by the name of the control that gave them."""
    labels: dict[str, list[Any]] = {}
    for result in annotation.get("result") or ():
        value = result.get("value") if isinstance(result, dict) else None
        given = [label for name in _CHOICES for label in _listed(value.get(name))] if isinstance(value, dict) else []
        if given:
            labels.setdefault(str(result.get("from_name", "label")), []).extend(given)
    return {name: cell(given) for name, given in labels.items()}


def _listed(given: Any) -> list[Any]:
    """The labels of one result; a path of the taxonomy is one label."""
    items = given if isinstance(given, list) else [] if given is None else [given]
    return [" / ".join(map(str, item)) if isinstance(item, list) else item for item in items]


def _plain(value: Any) -> Label | Any:
    """A cell without the object around its choices, which CSV holds as JSON."""
    if isinstance(value, str) and value.startswith('{"choices"'):
        try:
            value = json.loads(value)
        except ValueError:
            return value
    return cell(value["choices"]) if isinstance(value, dict) and isinstance(value.get("choices"), list) else value
