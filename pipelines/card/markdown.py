"""Markdown in which whatever labels and texts hold stays text."""

import re
from collections.abc import Iterable, Sequence
from unicodedata import category

LONGEST = 300
_MEANS = re.compile(r"([\\`*_\[\]<>#|~&])")
_LISTS = re.compile(r"^(\d{0,9})([-+.)])(?=[-\s]|$)")  # what would begin a list or a rule


def plain(value: object) -> str:
    """Any value on one line, with nothing in it that Markdown, HTML or a terminal would take for theirs."""
    line = "".join("\ufffd" if category(one) in ("Cc", "Cs") else one for one in " ".join(str(value).split()))
    return _LISTS.sub(r"\1\\\2", _MEANS.sub(r"\\\1", line))


def short(text: str) -> str:
    """The beginning of a text, which may have thousands of characters."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of any values; without rows it says so."""
    lines = [_line(map(plain, row)) for row in rows]
    return "\n".join([_line(heads), _line(["---"] * len(heads)), *lines]) if lines else "None."


def listed(items: Iterable[object]) -> str:
    """One bullet for each value."""
    return "\n".join(f"- {plain(item)}" for item in items)


def pairs(values: Iterable[tuple[str, object]]) -> str:
    """One bullet for each name and its value, however long."""
    return "\n".join(f"- **{plain(name)}**: {plain(value)}" for name, value in values)


def in_home(name: str, file: str) -> str:
    """Where a file lies, for a page from which no link would lead to it."""
    return f"{name}: `{file}` in the home of Needloop."


def section(title: str, *parts: str, level: int = 2) -> str:
    """A heading and what stands under it; parts that say nothing are left out."""
    return "\n\n".join([f"{'#' * level} {title}", *filter(None, parts)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
