"""Values within nested objects and lists, by a path with dots: `data.text`."""

from collections.abc import Mapping
from typing import Any

MISSING = object()


def value_at(values: Any, path: str) -> Any:
    """The value under an exact name, else at a path of names and list positions; MISSING if there is none."""
    if isinstance(values, Mapping) and path in values:
        return values[path]
    for name in path.split("."):
        if isinstance(values, Mapping):
            values = values.get(name, MISSING)
        elif isinstance(values, list) and name.isdecimal() and int(name) < len(values):
            values = values[int(name)]
        else:
            return MISSING
    return values
