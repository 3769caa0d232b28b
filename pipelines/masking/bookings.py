"""Booking references, order, case and ticket numbers, recognised by the word before them or by their shape."""

import re
from collections.abc import Collection, Iterator

from pipelines.masking.amounts import is_amount, is_series
from pipelines.masking.matching_view import Span
from pipelines.masking.reference_words import has_owner, is_code, is_locator

_BOOKING = (
    r"confirm(?:ation)?s?|conf|cnf|pnr|(?:(?:record|file) ?)?loc(?:ator)?\.?|record|reservation|res|booking"
    r"|itinerary|itin|e-?ticket|ticket|tkt|file|bag(?:gage)? ?(?:claim )?(?:tag|id)|tag"
)
_ORDER = r"order|reference|ref|case|claim|request|incident|complaint|sr"
# Of other trades: a reference follows only after a word such as "number".
_PAPER = (
    r"return|rma|invoice|receipt|transaction|payment|purchase order|purchase|quote|policy|contract|subscription|repair"
    r"|application|registration|service|work order|delivery note|loan|student|patient|file|serial"
)
_MARK = r"(?:reference|ref|locator|numbers?|num|nbr|no\.?|codes?|id|is|was|are)(?![a-z])|#(?:'?s(?![a-z]))?|[:=-]"
# In groups, as airlines write them: `016 2345678901`.
_CODE = r"(?:\d{3,4} \d{6,10}(?![a-z0-9])|\d{4}(?: \d{4}){1,5}(?![a-z0-9])|[a-z0-9]+(?:[-_][a-z0-9]+)*+)"


# These are followed by nothing else.
_FORM = re.compile(
    r"(?<![a-z])(?:rma|return|invoice|purchase order|po|work order)[ #-]{0,2}"
    r"(?P<code>[a-z]{1,6}-?\d[\d-]{3,}|\d{5,})(?![\w.-])",
    re.I,
)


def _announcing(nouns: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])({nouns})(?![a-z])((?:\s?(?:{_MARK})){{0,6}}+)(\s?[\"'(\[]?)(?P<code>{_CODE})", re.I)


_NAMED, _NAMED_BOOKING = _announcing(f"{_BOOKING}|{_ORDER}"), _announcing(_BOOKING)
_PAPERS = re.compile(
    rf"(?<![a-z])(?:{_PAPER})\s?(?:numbers?|num|nbr|no\.?|id|#)(?![a-z])(?:\s?(?:is|was|[:=#-])(?![a-z]))*+"
    r"\s?(?P<code>[a-z]{0,6}[-_]?\d[a-z0-9]*(?:[-_/][a-z0-9]+)*+)",
    re.I,
)
_NEXT = re.compile(rf"\s?(?:,|/|&|\band\b|\bor\b)\s?(?:and\s|or\s)?[:#]?\s?(?P<code>{_CODE})", re.I)
_NAMED_AFTER = re.compile(
    r"(?<![A-Za-z0-9])([A-Z0-9]{5,6})(?= (?:is|was) (?:my|our|the) (?:conf|booking|reserv|record|pnr|loc))", re.I
)
_HAN_NAMED = re.compile(
    r"(?:订单|定单|预[订定]|订[座票单]|机票|客票|电子票|票|出票|确认|参考|记录|行程|工单|案件|行李牌?|退货单?|退款单?|换货单?|售后单?|维修单?"
    r"|报修单?|投诉|受理|交易|流水|发票|合同|保单|预约|申请|外卖单?)"
    rf"((?:号码|号|编号|编码|代码|码|单号)?\s?(?:(?:是|为|:|=|#)\s?)*+)({_CODE})",
    re.I,
)
_HAN_ORDER = re.compile(r"(?:订单|定单|工单)[(\[]?(\d{8,24})(?![\d元块个件])")
_PREFIXED = re.compile(
    r"(?<![A-Za-z0-9_])(?:ord|order|cus|cust|pi|ch|in|inv|sub|txn|pay|py|re|req|case|ticket|evt|acct|seti|cs)"
    r"_(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{6,64}(?![A-Za-z0-9_])"
)
# IATA's three digits of an airline, then ten of its own; these airlines issue most tickets seen in support.
_AIRLINE = (
    "(?:00[156]|01[468]|027|037|057|07[45]|081|125|131|157|160|17[36]|180|205|217|220|23[25]|279|297|324|422|479|487"
    "|526|607|618|695|731|78[14]|876|880|984|988|999)"
)
_TICKET = re.compile(rf"(?<!\d){_AIRLINE}[ -]?\d{{10}}(?!\d)")
_LOCATOR = re.compile(r"(?<![A-Za-z0-9#/=_@])[A-Z0-9]{6}(?![A-Za-z0-9_])")
_NUMBERED = re.compile(r"(?<!#)#(\d{7,}|\d{6}-\d{6})(?![\w-])")
REFERENCE_CLUES = (
    "confirm|confirms|confirmation|confirmations|conf|cnf|pnr|loc|locator|record|recordloc|recordlocator|fileloc"
    "|filelocator|reservation|reserv|res|booking|itinerary|itin|eticket|ticket|tkt|file|bag|baggage|bagtag|bagid"
    "|baggagetag|tag|order|reference|ref|case|claim|request|incident|complaint|sr|订|定单|票|确认|参考|记录|行程"
    "|工单|案件|行李|退|换货|售后|维修|报修|投诉|受理|交易|流水|合同|保单|预约|申请|外卖"
)
PAPER_CLUES = (
    "return|rma|invoice|receipt|transaction|payment|purchase|quote|policy|contract|subscription|repair"
    "|application|registration|service|work|delivery|loan|student|patient|file|serial|po|_"
)


def references(text: str, trades: Collection[str]) -> Iterator[Span]:
    """References after a word that announces them: `confirmation ABC123`, `order #12345`, `订单号12345`."""
    strict = "booking" not in trades
    yield from _announced_references(text, _NAMED if "order" in trades else _NAMED_BOOKING, strict)
    if not strict:
        yield from (match.span(1) for match in _NAMED_AFTER.finditer(text) if is_code("pnr", "is", match[1]))
    for match in _HAN_NAMED.finditer(text):
        if (match[1] or not match[2].isdigit()) and is_code("订", match[1], match[2]):
            yield match.span(2)
    yield from (match.span(1) for match in _HAN_ORDER.finditer(text) if is_code("单", "", match[1]))


def papers(text: str) -> Iterator[Span]:
    """References of other papers after "number" or "id", and ids with the prefix of their kind: `ord_8f3a2b1c`."""
    yield from (match.span("code") for match in _PAPERS.finditer(text) if is_code("ref", "number", match["code"]))
    yield from (match.span() for match in _PREFIXED.finditer(text))
    for match in _FORM.finditer(text):
        if is_code("ref", "number", match["code"]) and not is_amount(text, *match.span("code")):
            yield match.span("code")


def locators(text: str) -> Iterator[Span]:
    """References recognised by shape alone: six capitals and digits that are not a flight, a ticket's 13 digits."""
    yield from (match.span() for match in _LOCATOR.finditer(text) if is_locator(match[0]))
    yield from (match.span() for match in _TICKET.finditer(text))


def numbered(text: str) -> Iterator[Span]:
    """Seven digits and more after a bare `#`."""
    yield from (match.span(1) for match in _NUMBERED.finditer(text))


def _announced_references(text: str, rule: re.Pattern[str], strict: bool) -> Iterator[Span]:
    """References after a noun; one noun may announce a list: `Conf #'s QXZC64 & QPWNC2`."""
    position = 0
    while match := rule.search(text, position):
        noun, mark, position = match[1], match[2] + match[3], match.end(1)
        code: re.Match[str] | None = match
        while code and is_code(noun, mark, code["code"]) and not (strict and _is_other(match, code, mark)):
            position = code.end()
            yield code.span("code")
            code = _NEXT.match(text, position)


def _is_other(named: re.Match[str], code: re.Match[str], mark: str) -> bool:
    """True for an amount, a count or a series; and for a model or a coupon after a verb: `I claim SAVE20`."""
    written, end = code["code"], code.end("code")
    if is_series(re.split("[-_]", written)) if written.replace("-", "").isdigit() else False:
        return True
    if is_amount(code.string, code.start("code"), end) or _COUNTED.match(code.string, end):
        return True
    return not mark.strip() and not has_owner(named, written)


_COUNTED = re.compile(r"\s?(?:units?|items?|pieces?|pcs|people|miles?|points?|kg|lbs?|[个件台元块])(?![a-z])", re.I)
