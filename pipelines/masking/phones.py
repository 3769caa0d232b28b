"""Telephone numbers: patterns find candidates, the numbering plans of `phonenumbers` validate them."""

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

import phonenumbers

from pipelines.masking.matching_view import Span

_ENOUGH = re.compile(r"\d(?:\D{0,3}\d){6}")
# A date without separators is masked, as it may be a number of eight digits.
_DATE = re.compile(
    r"\(?(?:\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d\d"
    r"|(?:19|20)\d\d([-./])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01]))(?!\d)"
)
_MONEY = re.compile(r"[$€£¥￥]\s?$")
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
_NORTH_AMERICA = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]
# Tried for a number with the trunk prefix 0 that is not valid in the home region.
_TRUNK_REGIONS = ("GB", "CN", "FR", "DE", "AU", "JP", "IN", "NL", "IT", "KR", "ZA", "NZ", "CH", "SE")


def phones(text: str, region: str) -> Iterator[Span]:
    """The spans of numbers: international, North American, Chinese, with a trunk 0, or of the home `region`."""
    if _ENOUGH.search(text):
        for start, end in _numbers(text, region):
            extension = _EXTENSION.match(text, end)
            yield start, extension.end() if extension else end


def _numbers(text: str, region: str) -> Iterator[Span]:
    yield from _longest(_ABROAD, text, _is_abroad)
    yield from (match.span() for match in _AMERICAN.finditer(text) if _is_american(text, match))
    yield from (match.span() for match in _CHINESE.finditer(text) if not _is_amount(text, match.start()))
    yield from _longest(_TRUNK, text, lambda written: _has_trunk(written, region))
    yield from _longest(_SLASHED, text, lambda written: _has_trunk(written, region))
    if region not in _NORTH_AMERICA:
        yield from _longest(_HOME, text, lambda written: _is_valid(_digits(written), region))
    yield from (match.span(1) for match in _LOCAL.finditer(text))


def _longest(rule: re.Pattern[str], text: str, is_number: Callable[[str], bool]) -> Iterator[Span]:
    """The longest valid number of each candidate, shortened group by group; the next search starts after it."""
    position = 0
    while match := rule.search(text, position):
        start = match.start()
        ends = [group.end() for group in _DIGITS.finditer(text, *match.span())]
        date = _DATE.match(text, start)
        candidates = [] if date or _is_amount(text, start) else reversed(ends)
        end = next((end for end in candidates if is_number(text[start:end])), None)
        if end is not None:
            yield start, end
        position = end or (date.end() if date else ends[0])


def _digits(written: str) -> str:
    return "".join(_DIGITS.findall(written))


def _dialled(written: str) -> str:
    """`+` and digits, for any prefix of international numbers; the 0 of `+44 (0)20` is left out."""
    digits = _digits(written.replace("(0)", ""))
    return "+" + (digits if "+" in written else re.sub("^(?:00|011)", "", digits))


def _is_abroad(written: str) -> bool:
    dialled = _dialled(written)
    return len(dialled) >= 8 and (_is_valid(dialled, None) or (len(dialled) >= 10 and _is_possible(dialled)))


def _has_trunk(written: str, home: str) -> bool:
    digits = _digits(written)
    return 9 <= len(digits) <= 12 and (_is_valid(digits, home) or any(_is_planned(digits, r) for r in _TRUNK_REGIONS))


def _is_planned(digits: str, region: str) -> bool:
    """True if valid in a region's plan; its pattern, 40 times faster than parsing, excludes most numbers first."""
    return _plan(region).fullmatch(digits) is not None and _is_valid(digits, region)


@cache
def _plan(region: str) -> re.Pattern[str]:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    pattern = metadata and metadata.general_desc and metadata.general_desc.national_number_pattern
    return re.compile(rf"0?(?:{pattern or '[0-9]+'})")


def _is_american(text: str, match: re.Match[str]) -> bool:
    """True if assigned, or formatted as a telephone number; `300 400 5000` may be anything."""
    is_written = "(" in match[0] or "-" in match[0] or "." in match[0] or match[0].isdigit() or match[1] == "555"
    return not _is_amount(text, match.start()) and (is_written or _is_valid(_digits(match[0]), "US"))


def _is_amount(text: str, start: int) -> bool:
    return _MONEY.search(text, max(0, start - 2), start) is not None


@lru_cache(maxsize=4096)
def _is_valid(dialled: str, region: str | None) -> bool:
    number = _parsed(dialled, region)
    return number is not None and phonenumbers.is_valid_number(number)


@lru_cache(maxsize=4096)
def _is_possible(dialled: str) -> bool:
    number = _parsed(dialled, None)
    return number is not None and phonenumbers.is_possible_number(number)


def _parsed(dialled: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return None
