"""Masking of a message before it is first stored: personal data become typed placeholders."""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial

from pipelines.masking.bookings import bookings, locators
from pipelines.masking.cards import cards
from pipelines.masking.documents import documents
from pipelines.masking.emails import emails
from pipelines.masking.handles import handles
from pipelines.masking.ibans import ibans
from pipelines.masking.internet import addresses, logins
from pipelines.masking.markup import strip_markup
from pipelines.masking.matching_view import Span, blank_out, matching_view
from pipelines.masking.phones import phones

VERSION = "1"  # of the rules: texts masked by another version are masked again

Recogniser = Callable[[str], Iterable[Span]]

# A masked neighbour can reveal further matches; ordinary messages need one round.
_ROUNDS = 8


def mask(text: str, keep_handles: Collection[str] = (), region: str = "US") -> str:
    """The normalised text with `<EMAIL>`, `<PHONE>` and so on; `region` (ISO 3166) is that of national numbers."""
    text = strip_markup(text)
    keep = frozenset(handle.removeprefix("@").casefold() for handle in keep_handles)
    rules = _rules(keep, region.upper())
    for _ in range(_ROUNDS):
        masked = _mask_once(text, rules)
        if masked == text:
            break
        text = masked
    return text


def _rules(keep: frozenset[str], region: str) -> tuple[tuple[str, Recogniser], ...]:
    """The recognisers by placeholder, the most certain first: later ones do not see masked text."""
    return (
        ("URL-LOGIN", logins),
        ("EMAIL", partial(emails, keep=keep)),
        ("IBAN", ibans),
        ("IP", addresses),
        ("ID", documents),
        ("CARD", cards),
        ("BOOKING", bookings),
        ("PHONE", partial(phones, region=region)),
        ("BOOKING", locators),
        ("HANDLE", partial(handles, keep=keep)),
    )


def _mask_once(text: str, rules: Iterable[tuple[str, Recogniser]]) -> str:
    view = matching_view(text)
    matches: list[tuple[int, int, str]] = []
    for placeholder, recognise in rules:
        spans = list(_merge(recognise(view)))
        if spans:
            matches += ((*span, placeholder) for span in spans)
            view = blank_out(view, spans, placeholder)
    return _replace(text, sorted(matches)) if matches else text


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


def _replace(text: str, matches: list[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end, placeholder in matches:
        pieces += (text[position:start], f"<{placeholder}>")
        position = end
    return "".join((*pieces, text[position:]))
