"""Every message passes here before its first write: personal data become typed placeholders, the rest stays."""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial

from pipelines.masking.bookings import bookings, locators
from pipelines.masking.cards import cards
from pipelines.masking.documents import documents
from pipelines.masking.emails import emails
from pipelines.masking.handles import handles
from pipelines.masking.ibans import ibans
from pipelines.masking.internet import addresses, logins
from pipelines.masking.matching_view import Span, blank_out, matching_view
from pipelines.masking.phones import phones

VERSION = "1"  # of the rules: what was masked by other rules is masked anew

Recogniser = Callable[[str], Iterable[Span]]

# A masked neighbour can uncover what the rules did not see before; ordinary messages are at rest after one round.
_ROUNDS = 8


def mask(text: str, keep_handles: Collection[str] = (), region: str = "US") -> str:
    """The normalised text with `<EMAIL>`, `<PHONE>` and so on; `region` (ISO 3166) is where national numbers belong."""
    keep = frozenset(handle.removeprefix("@").casefold() for handle in keep_handles)
    rules = _rules(keep, region.upper())
    for _ in range(_ROUNDS):
        masked = _mask_once(text, rules)
        if masked == text:
            break
        text = masked
    return text


def _rules(keep: frozenset[str], region: str) -> tuple[tuple[str, Recogniser], ...]:
    """The surest first: what one rule took, the next cannot see."""
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
    readable = matching_view(text)
    found: list[tuple[int, int, str]] = []
    for placeholder, recognise in rules:
        spans = list(_merged(recognise(readable)))
        if spans:
            found += ((*span, placeholder) for span in spans)
            readable = blank_out(readable, spans, placeholder)
    return _written(text, sorted(found)) if found else text


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """In order of the text, and spans that overlap as one."""
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


def _written(text: str, found: list[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    at = 0
    for start, end, placeholder in found:
        pieces += (text[at:start], f"<{placeholder}>")
        at = end
    return "".join((*pieces, text[at:]))
