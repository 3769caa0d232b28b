"""Document numbers: Chinese identity cards by checksum; passports, travellers' and members' numbers by their word."""

import re
from collections.abc import Iterator

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from pipelines.masking.matching_view import Span

_RESIDENT = re.compile(r"(?<!\d)\d{6}[ -]?(?:18|19|20)\d{2}[ -]?\d{4}[ -]?\d{3}(?:\d(?!\d)|[Xx])")
_NAMED_RESIDENT = re.compile(r"身份证(?:号码|号)?\s?(?:是|为|:|=)*\s?(\d{17}[\dXx]|\d{15})(?!\d)")
_NAMED = re.compile(
    r"(?:(?<![a-z])(?:passport|ktn|known travell?er|mileage ?plus|aadvantage|trueblue|sky ?miles|rapid ?rewards|swrr"
    r"|rr|ff|frequent fl[iy]er|member(?:ship)?)((?:\s?(?:(?:number|num|no\.?|id|is|acct|account)(?![a-z])|[#:=-]))*+)"
    r"|(?:护照|会员|常旅客|里程)卡?(号码|号)?\s?(?:是|为|:|=)*+)"
    r"\s?((?=[a-z]{0,3}\d)[a-z0-9]{5,14})(?![a-z0-9])",
    re.I,
)


DOCUMENT_CLUES = (
    "passport|ktn|known|mileage|mileageplus|aadvantage|trueblue|sky|skymiles|rapid|rapidrewards|swrr|rr|ff"
    "|frequent|member|membership|护照|会员|常旅客|里程"
)


def residents(text: str) -> Iterator[Span]:
    """The spans of Chinese identity cards by their checksum."""
    yield from (match.span() for match in _RESIDENT.finditer(text) if _is_resident(match[0]))


def documents(text: str) -> Iterator[Span]:
    """The spans of document numbers, recognised by the word before them."""
    yield from (match.span(1) for match in _NAMED_RESIDENT.finditer(text))
    yield from (match.span(3) for match in _NAMED.finditer(text) if _is_number(match))


def _is_number(match: re.Match[str]) -> bool:
    """True if there are enough digits: three after a word such as "number", else six."""
    return sum(map(str.isdigit, match[3])) >= (3 if match[1] or match[2] else 6)


def _is_resident(candidate: str) -> bool:
    """True if checksum and date of birth are valid; the place is not checked, as the library's list is outdated."""
    number = candidate.replace(" ", "").replace("-", "").upper()
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return False
    return bool(number[-1] == ric.calc_check_digit(number))
