"""Old names of catalog fields. They are still accepted; one line in the log says the new ones of a file."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

log = logging.getLogger(__name__)
_noted: ContextVar[dict[str, None] | None] = ContextVar("noted", default=None)


@contextmanager
def noting() -> Iterator[dict[str, None]]:
    """Inside the context, old names that declarations are made with are collected: `Gate.lead is now ...`."""
    lines: dict[str, None] = {}
    token = _noted.set(lines)
    try:
        yield lines
    finally:
        _noted.reset(token)


def with_new_names(part: str, values: Mapping[str, Any], renames: Mapping[str, str]) -> dict[str, Any]:
    """The values by the new names of their fields. Raises ValueError for a field that has both names."""
    lines = _noted.get()
    for old, new in renames.items():
        if old in values and new in values:
            raise ValueError(f"{old} and {new} are one field of {part}: keep {new}")
        if old in values and lines is not None:
            lines[f"{part}.{old} is now {new}"] = None
    return {renames.get(name, name): value for name, value in values.items()}


@cache  # a service reads its catalog again whenever it changes; the same line is said once
def log_renames(file: str, lines: tuple[str, ...]) -> None:
    """One line for a file, if it has old names."""
    if lines:
        log.warning("%s: %s (the old names are accepted in this release)", file, ", ".join(lines))
