"""Markdown writers that escape labels and texts."""

import re
from collections.abc import Iterable, Sequence
from unicodedata import category

MAX_TEXT_LENGTH = 300
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&])")
_LISTS = re.compile(r"^(\d{0,9})([-+.)])(?=[-\s]|$)")  # the start of a list or a rule


def plain(value: object) -> str:
    """Any value on one line, escaped for Markdown, HTML and terminals."""
    line = "".join(
        "\ufffd" if category(character) in ("Cc", "Cs") else character for character in " ".join(str(value).split())
    )
    return _LISTS.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", line))


def short(text: str) -> str:
    """At most MAX_TEXT_LENGTH characters of a text."""
    return text if len(text) <= MAX_TEXT_LENGTH else f"{text[:MAX_TEXT_LENGTH]}…"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of any values; "None." without rows."""
    lines = [_line(map(plain, row)) for row in rows]
    return "\n".join([_line(heads), _line(["---"] * len(heads)), *lines]) if lines else "None."


def bullet_list(items: Iterable[object]) -> str:
    """One bullet for each value."""
    return "\n".join(f"- {plain(item)}" for item in items)


def name_value_list(values: Iterable[tuple[str, object]]) -> str:
    """One bullet for each name and its value."""
    return "\n".join(f"- **{plain(name)}**: {plain(value)}" for name, value in values)


def in_home(name: str, file: str) -> str:
    """The path of a file, for a page that cannot link to it."""
    return f"{name}: `{file}` in the home of Needloop."


def section(title: str, *parts: str, level: int = 2) -> str:
    """A heading and its non-empty parts."""
    return "\n\n".join([f"{'#' * level} {title}", *filter(None, parts)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
