"""Telephone numbers: patterns find candidates, the numbering plans of `phonenumbers` validate them."""

import re
from collections.abc import Callable, Collection, Iterator
from functools import partial

from pipelines.masking.amounts import has_fraction, is_amount, is_decimal, is_series
from pipelines.masking.matching_view import Span
from pipelines.masking.numbering_plans import NORTH_AMERICA, is_abroad, is_national, is_planned, is_valid

_ENOUGH = re.compile(r"\d(?:\D{0,3}\d){6}")
# A date without separators is masked, as it may be a number of eight digits.
_DATE = re.compile(
    r"\(?(?:\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d\d"
    r"|(?:19|20)\d\d([-./])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01]))(?!\d)"
)
# Before a series, such as the dummy number `01 02 03 04 05`, this says that it is a number.
_CALL = re.compile(
    r"(?:call|phone|tel|telephone|cell|mobile|ring|dial|fax|text|whatsapp|电话|手机|致电|拨打)\W{0,3}$", re.I
)
_EXTENSION = re.compile(r"\s?(?:ext(?:ension)?|x|转|分机)\.?:?\s?\d{1,6}(?!\d)", re.I)
_DIGITS = re.compile(r"\d+")

_AREA = r"(?:\([2-9]\d{2}\)|[2-9]\d{2})"
_AMERICAN = re.compile(rf"(?<!\d)(?:\+?1[ .-]{{0,2}})?{_AREA}[ ./-]{{0,3}}([2-9]\d{{2}})[ .-]{{0,3}}\d{{4}}(?!\d)")
_CHINESE = re.compile(
    r"(?<!\d)(?:(?:\+|00)?86[ -]?)?"
    r"1[3-9]\d(?:[ .-]{0,2}\d{4}[ .-]{0,2}\d{4}|[ .-]{0,2}\d{3}[ .-]{0,2}\d{3}[ .-]{0,2}\d{2}|[ .-]\d{3}[ .-]\d{5})"
    r"(?!\d)"
)
_NUMBER = r"(?:\(0?\d{1,4}\)|\d)(?:[ .()-]{0,3}\d){5,14}(?!\d)"
# With a slash after the area, as in Germany.
_FOREIGN = _NUMBER.replace(".()", "./()")
_ABROAD = re.compile(rf"(?:(?<!\+)\+ ?|(?<!\d)(?:00|011)[ -]?(?=[1-9])){_FOREIGN}|\(\+\d{{1,3}}\) ?{_FOREIGN}")
_TRUNK = re.compile(r"(?<!\d)(?<!19\d\d[.-])(?<!20\d\d[.-])(?:\(0\d{1,4}\)|0\d)(?:[ .-]{0,2}\d){7,10}(?!\d)")
_SLASHED = re.compile(r"(?<![\d/])(?:\(0\d{1,4}\)|0\d{2,4}) ?/ ?\d(?:[ .-]{0,2}\d){4,8}(?![\d/])")
_HOME = re.compile(rf"(?<!\d){_NUMBER}")
_LOCAL = re.compile(
    r"(?:(?<![a-z])(?:call(?:ed|ing)?|phone|tel|telephone|cell|mobile|text|dial|fax|reach|contact|number)(?![a-z])"
    r"|电话|手机|致电|拨打|☎|📞)(?:\s(?:me|us|him|her|back|at|on|is|no\.?|number|[:#]))*[\s:#]{0,2}"
    r"([2-9]\d{2}[-. ]\d{4})(?![\d-])",
    re.I,
)
# Tried for a number with the trunk prefix 0 that is not valid in the home region.
_TRUNK_REGIONS = ("GB", "CN", "FR", "DE", "AU", "JP", "IN", "NL", "IT", "KR", "ZA", "NZ", "CH", "SE")


def phones(text: str, regions: Collection[str]) -> Iterator[Span]:
    """The spans of numbers: international, North American, Chinese, with a trunk 0, or of the home `regions`."""
    if _ENOUGH.search(text):
        for start, end in _numbers(text, regions):
            extension = _EXTENSION.match(text, end)
            yield start, extension.end() if extension else end


def _numbers(text: str, regions: Collection[str]) -> Iterator[Span]:
    yield from _longest(_ABROAD, text, lambda written: is_abroad(_dialled(written)))
    yield from (match.span() for match in _AMERICAN.finditer(text) if _is_american(text, match))
    yield from (match.span() for match in _CHINESE.finditer(text) if not is_amount(text, *match.span()))
    yield from _longest(_TRUNK, text, lambda written: _has_trunk(written, regions))
    yield from _longest(_SLASHED, text, lambda written: _has_trunk(written, regions))
    for region in regions:
        if region not in NORTH_AMERICA:
            yield from _longest(_HOME, text, partial(_is_home, region=region), is_home=True)
    yield from (match.span(1) for match in _LOCAL.finditer(text))


def _longest(
    rule: re.Pattern[str], text: str, is_number: Callable[[str], bool], is_home: bool = False
) -> Iterator[Span]:
    """The longest valid number of each candidate, shortened group by group; the next search starts after it."""
    position = 0
    while match := rule.search(text, position):
        start = match.start()
        ends = [group.end() for group in _DIGITS.finditer(text, *match.span())]
        date = _DATE.match(text, start)
        candidates = [] if date else reversed(ends)
        end = next(
            (end for end in candidates if is_number(text[start:end]) and _is_free(text, start, end, is_home)), None
        )
        if end is not None:
            yield start, end
        position = end or (date.end() if date else ends[0])


def _digits(written: str) -> str:
    return "".join(_DIGITS.findall(written))


def _dialled(written: str) -> str:
    """`+` and digits, for any prefix of international numbers; the 0 of `+44 (0)20` is left out."""
    digits = _digits(written.replace("(0)", ""))
    return "+" + (digits if "+" in written else re.sub("^(?:00|011)", "", digits))


def _is_free(text: str, start: int, end: int, is_home: bool) -> bool:
    """True if the number is no amount and no series; without a prefix of its country, no decimal number either."""
    if is_amount(text, start, end) or (
        is_series(_DIGITS.findall(text[start:end])) and not _CALL.search(text[max(0, start - 20) : start])
    ):
        return False
    return not is_home or not (is_decimal(text[start:end]) or has_fraction(text, end))


def _has_trunk(written: str, homes: Collection[str]) -> bool:
    digits = _digits(written)
    if not 9 <= len(digits) <= 12:
        return False
    return any(is_valid(digits, home) for home in homes) or any(is_planned(digits, r) for r in _TRUNK_REGIONS)


def _is_home(written: str, region: str) -> bool:
    return is_national(_digits(written), region)


def _is_american(text: str, match: re.Match[str]) -> bool:
    """True if assigned, or formatted as a telephone number; `300 400 5000` may be anything."""
    is_written = "(" in match[0] or "-" in match[0] or "." in match[0] or match[0].isdigit() or match[1] == "555"
    return not is_amount(text, *match.span()) and (is_written or is_valid(_digits(match[0]), "US"))
