"""Payment cards: a known brand's prefix and length and a valid Luhn checksum, with digits in any grouping."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from stdnum import luhn

from pipelines.masking.amounts import SMALL, is_series
from pipelines.masking.matching_view import Span

_RUN = re.compile(r"\d(?:[ .,/_-]{0,3}\d){12,}+")
_GROUP = re.compile(r"\d+")
# Issuer ranges of ISO/IEC 7812: Visa, Mastercard, Mir, American Express, Diners Club, JCB, UnionPay, Discover, Maestro.
_BRAND = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|220[0-4]\d{12,15}"
    r"|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11,16}|35\d{14,17}|(?:5[06-8]|6\d)\d{11,17}"
)


def cards(text: str) -> Iterator[Span]:
    """The spans of card numbers, also next to an expiry date or another number."""
    for run in _RUN.finditer(text):
        groups = [match.span() for match in _GROUP.finditer(text, *run.span())]
        first = 0
        while first < len(groups):
            last = _card_from(first, groups, text)
            if last is not None:
                yield groups[first][0], groups[last][1]
            first = first + 1 if last is None else last + 1


def _card_from(first: int, groups: list[Span], text: str) -> int | None:
    """The last group of digits of the longest card number that begins with the group `first`, or None."""
    digits, last = "", None
    for index in range(first, len(groups)):
        digits += text[slice(*groups[index])]
        if len(digits) > 19:
            break
        is_card = len(digits) >= 13 and _BRAND.fullmatch(digits) and luhn.is_valid(digits)
        if is_card and not _is_list(text, groups[first : index + 1]):
            last = index
    return last


def _is_list(text: str, groups: Sequence[Span]) -> bool:
    """True for a series, coordinates (`52.520817, 13.409419`), and numbers of one or two digits between commas."""
    if len(groups) == 1:
        return False
    between = {text[end:start].strip() for (_, end), (start, _) in pairwise(groups)}
    is_small = all(end - start <= SMALL for start, end in groups)
    is_decimals = "." in between and len(between) > 1
    return is_decimals or ("," in between and is_small) or is_series([text[start:end] for start, end in groups])
