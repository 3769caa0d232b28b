"""Booking references, order, case and ticket numbers, recognised by the word before them or by their shape."""

import re
from collections.abc import Iterator

from pipelines.masking.matching_view import DIGIT, Span
from pipelines.masking.reference_words import is_code, is_locator

_NOUN = (
    r"confirm(?:ation)?s?|conf|cnf|pnr|(?:(?:record|file) ?)?loc(?:ator)?\.?|record|reservation|res|booking"
    r"|itinerary|itin|e-?ticket|ticket|tkt|order|reference|ref|case|claim|request|incident|complaint|file|sr"
    r"|bag(?:gage)? ?(?:claim )?(?:tag|id)|tag"
)
_MARK = r"(?:reference|ref|locator|numbers?|num|nbr|no\.?|codes?|id|is|was|are)(?![a-z])|#(?:'?s(?![a-z]))?|[:=-]"
# In groups, as airlines write them: `016 2345678901`.
_CODE = r"(?:\d{3,4} \d{6,10}(?![a-z0-9])|[a-z0-9]+(?:-[a-z0-9]+)*+)"
_NAMED = re.compile(rf"(?<![a-z])({_NOUN})(?![a-z])((?:\s?(?:{_MARK})){{0,6}}+)(\s?[\"'(\[]?)(?P<code>{_CODE})", re.I)
_NEXT = re.compile(rf"\s?(?:,|/|&|\band\b|\bor\b)\s?(?:and\s|or\s)?[:#]?\s?(?P<code>{_CODE})", re.I)
_NAMED_AFTER = re.compile(
    r"(?<![A-Za-z0-9])([A-Z0-9]{5,6})(?= (?:is|was) (?:my|our|the) (?:conf|booking|reserv|record|pnr|loc))", re.I
)
_HAN_NAMED = re.compile(
    r"(?:订单|定单|预[订定]|订[座票]|机票|客票|电子票|票|出票|确认|参考|记录|行程|工单|案件|行李牌?|运单|快递|物流)"
    rf"((?:号码|号|编号|编码|代码|码|单号)?\s?(?:(?:是|为|:|=|#)\s?)*+)({_CODE})",
    re.I,
)
# IATA's three digits of an airline, then ten of its own; these airlines issue most tickets seen in support.
_AIRLINE = (
    "(?:00[156]|01[468]|027|037|057|07[45]|081|125|131|157|160|17[36]|180|205|217|220|23[25]|279|297|324|422|479|487|526"
    "|607|618|695|731|78[14]|876|880|984|988|999)"
)
_TICKET = re.compile(rf"(?<!\d){_AIRLINE}[ -]?\d{{10}}(?!\d)")
_LOCATOR = re.compile(r"(?<![A-Za-z0-9#/=_@])[A-Z0-9]{6}(?![A-Za-z0-9_])")
_NUMBERED = re.compile(r"(?<!#)#(\d{7,}|\d{6}-\d{6})(?![\w-])")


def bookings(text: str) -> Iterator[Span]:
    """References after a word that announces them: `confirmation ABC123`, `order #12345`, `订单号12345`."""
    yield from _announced_references(text)
    yield from (match.span(1) for match in _NAMED_AFTER.finditer(text) if is_code("pnr", "is", match[1]))
    for match in _HAN_NAMED.finditer(text):
        if (match[1] or not match[2].isdigit()) and is_code("订", match[1], match[2]):
            yield match.span(2)


def locators(text: str) -> Iterator[Span]:
    """References recognised by shape alone: six capitals and digits that are not a flight, a ticket's 13 digits."""
    if not DIGIT.search(text):
        return
    yield from (match.span() for match in _LOCATOR.finditer(text) if is_locator(match[0]))
    yield from (match.span() for match in _TICKET.finditer(text))
    yield from (match.span(1) for match in _NUMBERED.finditer(text))


def _announced_references(text: str) -> Iterator[Span]:
    """References after a noun; one noun may announce a list: `Conf #'s QXZC64 & QPWNC2`."""
    position = 0
    while match := _NAMED.search(text, position):
        noun, mark, position = match[1], match[2] + match[3], match.end(1)
        code: re.Match[str] | None = match
        while code and is_code(noun, mark, code["code"]):
            position = code.end()
            yield code.span("code")
            code = _NEXT.match(text, position)
