"""Masking of a message before it is first stored: personal data become typed placeholders."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipelines.masking.clues import Traits
from pipelines.masking.markup import strip_markup
from pipelines.masking.matching_view import Span, blank_out, matching_view
from pipelines.masking.recognisers import recognisers
from pipelines.masking.rules import MaskingRules

VERSION = "2"  # of the rules: texts masked by another version are masked again

DEFAULT_RULES = MaskingRules()
# A masked neighbour can reveal further matches; ordinary messages need one round.
_ROUNDS = 8


class Match(NamedTuple):
    """Personal data at `text[start:end]`, and the placeholder that replaces it."""

    start: int
    end: int
    placeholder: str


def mask(text: str, rules: MaskingRules = DEFAULT_RULES) -> str:
    """The normalised text without markup, with `<EMAIL>`, `<PHONE>` and so on in place of personal data."""
    text = strip_markup(text)
    for _ in range(_ROUNDS):
        masked = _replace(text, _matches(text, rules))
        if masked == text:
            break
        text = masked
    return text


def find_personal_data(text: str, rules: MaskingRules = DEFAULT_RULES) -> list[Match]:
    """All that `mask` replaces in a text without markup, in order; replaced, they give the masked text."""
    found: list[Match] = []
    for _ in range(_ROUNDS):
        matches = _matches(_replace(text, found), rules)
        if not matches:
            break
        found = sorted([*found, *_in_original(matches, found)])
    return found


def _in_original(matches: Iterable[Match], found: list[Match]) -> Iterator[Match]:
    """Matches of a masked text, at their places in the text before the `found` ones were replaced."""
    shift, later = 0, deque(found)
    for match in matches:
        while later and later[0].start + shift < match.start:
            earlier = later.popleft()
            shift += len(earlier.placeholder) + 2 - (earlier.end - earlier.start)
        yield Match(match.start - shift, match.end - shift, match.placeholder)


def _matches(text: str, rules: MaskingRules) -> list[Match]:
    """The matches of one round, in order."""
    view, known = matching_view(text), recognisers(rules)
    traits = Traits.of(view, known.words)
    matches: list[Match] = []
    for placeholder, find, clues in known.rules:
        if clues.are_in(traits) and (spans := list(_merge(find(view)))):
            matches += (Match(*span, placeholder) for span in spans)
            view = blank_out(view, spans, placeholder)
    return sorted(matches)


def _merge(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans in order of the text, overlapping ones merged."""
    last: Span | None = None
    for span in sorted(spans):
        if last is not None and span[0] < last[1]:
            last = (last[0], max(last[1], span[1]))
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def _replace(text: str, matches: list[Match]) -> str:
    if not matches:
        return text
    pieces: list[str] = []
    position = 0
    for start, end, placeholder in matches:
        pieces += (text[position:start], f"<{placeholder}>")
        position = end
    return "".join((*pieces, text[position:]))
