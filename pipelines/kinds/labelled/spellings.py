"""Spellings of a label: variants that people cannot tell apart are one label."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pipelines.ingestion.text import normalise

_INTEGRAL = re.compile(r"(-?\d+)\.0+")


def canonical(label: str) -> str:
    """Return the form that spellings share: composed, without case and zero-width characters; 1.0 is 1."""
    text = normalise(label)
    number = _INTEGRAL.fullmatch(text)
    return number[1] if number else text.casefold()


@lru_cache(256)
def by_spelling(labels: tuple[str, ...]) -> Mapping[str, str]:
    """Return the label of each canonical form; labels that share a form are left out: only their exact forms count."""
    counts = Counter(map(canonical, labels))
    return {form: label for label in labels if counts[form := canonical(label)] == 1}


def declared_label(written: str, labels: tuple[str, ...]) -> str | None:
    """Return the declared label with this spelling, the exact one first; None if there is none."""
    return written if written in labels else by_spelling(labels).get(canonical(written))


def listed(labels: Sequence[str], most: int = 20) -> str:
    """Return the labels separated by commas; of more than `most`, the first ones and the number of the others."""
    more = f" and {len(labels) - most:,} more" if len(labels) > most else ""
    return ", ".join(labels[:most]) + more


def merged_spellings(counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Return the spellings of each label with their rows; the label is its commonest spelling, in clean form."""
    groups: dict[str, dict[str, int]] = {}
    for spelling in sorted(counts, key=lambda name: (-counts[name], name)):
        groups.setdefault(canonical(spelling), {})[spelling] = counts[spelling]
    return {_clean(next(iter(spellings))): spellings for spellings in groups.values()}


def _clean(label: str) -> str:
    text = normalise(label)
    number = _INTEGRAL.fullmatch(text)
    return number[1] if number else text
