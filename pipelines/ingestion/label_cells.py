"""Label cells as they are written: missing values in any form, lists of labels, numbers."""

import ast
import json
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from warnings import catch_warnings, simplefilter

from pipelines.ingestion.text import normalise
from pipelines.kinds.target import Written

# As pandas reads an empty cell; a declared label of the same spelling comes first.
MISSING = {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"}
MISSING |= {"<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}


# A list as NumPy writes it: ['card' 'urgent'].
_UNSEPARATED = re.compile(r"""['"]\s+['"]""")
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_INTEGRAL = re.compile(r"(-?\d+)\.0+")


def written_label(value: Any) -> Written:
    """Return a cell as it was written: lists become tuples, a list of one label is that label, 1.0 is 1."""
    if isinstance(value, str):
        return _listed(value.strip()) if value.strip().startswith("[") else value.strip()
    if isinstance(value, list | tuple):
        labels = tuple(dict.fromkeys(filter(None, (_plain(item) for item in value))))
        return labels[0] if len(labels) == 1 else labels or None
    return _plain(value)


def is_missing(written: Written, declared: Iterable[str] = ()) -> bool:
    """Return True for an empty cell in any form, or one of the values that are `declared` to mean "no label"."""
    text = normalise(written) if isinstance(written, str) else written
    if text is None or text in MISSING:
        return True
    return isinstance(text, str) and _form(text) in set(map(_form, declared))


def _form(text: str) -> str:
    """Return the form in which values are compared: -1.0, as pandas writes -1 beside an empty cell, is -1."""
    number = _INTEGRAL.fullmatch(text)
    return number[1] if number else text.casefold()


def _plain(value: Any) -> str | None:
    """Return the text of a single value; None for an empty one, and for an object."""
    if value is None or value != value or isinstance(value, dict | list | tuple):  # NaN differs from itself
        return None
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value).strip()


def _listed(text: str) -> Written:
    """Return the labels of a list that was written as text, as pandas writes it; any other text stays as it is."""
    if _UNSEPARATED.search(text):  # Python would join two strings without a comma to one
        return written_label([single or double for single, double in _QUOTED.findall(text)])
    for parse in (json.loads, ast.literal_eval):
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError), catch_warnings():
            simplefilter("ignore")  # literal_eval warns of a stray backslash
            if isinstance(value := parse(text), list):
                return written_label(value)
    return text
