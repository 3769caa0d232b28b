"""Exports of doccano: JSON Lines with a list of labels, and CSV with labels joined by a number sign."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.ingestion.readers.label_values import cell

_JOINED = frozenset({"id", "data", "label"})  # columns of its CSV
_LISTS = ("label", "labels")


def is_document(values: Mapping[str, Any]) -> bool:
    """True for a row with an id, a text under `text` or `data`, and a list of labels; and for one of its CSV."""
    if "id" not in values or not isinstance(values.get("text", values.get("data")), str):
        return False
    return _JOINED <= values.keys() <= _JOINED | {"Comments"} or _given(values) is not None


def document_rows(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The row with its labels under `label`; marked spans are no labels of the whole text."""
    given = _given(values)
    if given is None:
        given = [label for label in str(values.get("label") or "").split("#") if label]
    labels = [label for label in given if not isinstance(label, list | dict)]
    yield {**values, "text": values.get("text", values.get("data")), "label": cell(labels)}


def _given(values: Mapping[str, Any]) -> list[Any] | None:
    return next((values[name] for name in _LISTS if isinstance(values.get(name), list)), None)
