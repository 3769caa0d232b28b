"""Handles (`@someone`) other than the company's own."""

import re
from collections.abc import Collection, Iterator

from pipelines.masking.matching_view import HAN, LOGIN, Span

_WORD = rf"[^\W{HAN}]+"
# A dotted name is one name (`@jane.doe`); names in Chinese run on to the next space or mark.
_HANDLE = re.compile(rf"(?<!{LOGIN})@(?:({_WORD})(?:[.-]+{_WORD})*+|([{HAN}]\w{{0,29}}))")
_HOUR = re.compile(r"\d{1,4}(?:[ap]m?|hrs?)?", re.I)  # `@5pm`, `@1030`: a time of day


def handles(text: str, keep: Collection[str]) -> Iterator[Span]:
    """The spans of handles that are not in `keep`, which is casefolded and without the `@`."""
    if "@" in text:
        for match in _HANDLE.finditer(text):
            if not _is_kept(match[1], match[2], keep):
                yield match.span()


def _is_kept(name: str | None, han: str | None, keep: Collection[str]) -> bool:
    if name is not None:
        return name.casefold() in keep or _HOUR.fullmatch(name) is not None
    return han is not None and any(han.casefold().startswith(handle) for handle in keep if handle)
