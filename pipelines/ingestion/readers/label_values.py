"""The labels of one text as annotation tools write them."""

from collections.abc import Iterable, Mapping
from typing import Any

Label = str | int | float | list[Any] | None


def cell(labels: Iterable[Any]) -> Label:
    """No label is None, one stands by itself, several are a list."""
    distinct = list(dict.fromkeys(labels))
    return distinct or None if len(distinct) != 1 else distinct[0]


def longest_text(values: Mapping[str, Any]) -> str | None:
    """The value under `text`, else the longest text of an object; None if it has none."""
    if isinstance(values.get("text"), str):
        return str(values["text"])
    return max((value for value in values.values() if isinstance(value, str)), key=len, default=None)


def agreed(given: Iterable[Any]) -> list[Any]:
    """The common label of several annotators, once; if they differ, every label, for the majority to decide."""
    answers = [answer for answer in given if answer is not None]
    return answers if len(set(map(str, answers))) > 1 else answers[:1] or [None]
