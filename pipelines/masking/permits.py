"""Permits and identity cards of Hong Kong, Macao and Taiwan, and other documents that a word announces."""

import re
from collections.abc import Iterator

from pipelines.masking.matching_view import Span

_NUMBER = r"(?P<number>[A-Z]{0,3}\d{6,18}[A-Z]?(?: ?\([0-9A-Z]\))?)(?![A-Za-z0-9]|-\d)"
_CHINESE = re.compile(
    r"(?:回乡[证卡]|通行证|港澳证|台胞证|居住证|永居证|永久居留证|身[份分]证字?|居留身份证|驾驶证|驾照|行驶证|学生证|社保[卡号]?|医保[卡号]?|社会保障号"
    r"|社会安全号|签证|户口本?|证件|签注|护照)(?:\s?(?:卡号|号码|编号|字号|号|字|就是|是|为|[:=]))*+\s?(?P<value>"
    + _NUMBER
    + r")",
    re.I,
)
_SOLDIER = re.compile(
    r"(?:军官|士兵|警官|文职|义务兵)证(?:\s?(?:号码|编号|号|是|为|[:=]))*+\s?(?P<value>[\u4e00-\u9fff]{1,3}字第?\s?\d{4,10}号?|\d{6,10})"
)
_ENGLISH = re.compile(
    r"(?<![a-z])(?:home ?(?:return|visit) permit|mainland travel permit|mtp|compatriot permit|exit[- ]entry permit"
    r"|travel permit|residen(?:ce|t) permit"
    r"|hkid(?: card)?|(?:hong kong|hk|macau|macao|taiwan(?:ese)?|national|resident) (?:id|identity)(?: ?cards?)?"
    r"|id card|identity card|(?:driver'?s?|driving) licen[cs]e|licen[cs]e|green card|alien|arc|nric|fin)"
    r"(?: for [a-z ]{1,30}? residents)?"
    r"(?P<mark>(?:\s?(?:numbers?|num|no|nr|id|is|was)(?![a-z])\.?|\s?[:=#])*+)\s?(?P<value>" + _NUMBER + r")",
    re.I,
)
_LICENCE = re.compile(
    r"(?<![a-z])(?:driver'?s?|driving) licen[cs]e(?:\s?(?:numbers?|num|no|nr|id|is|was)(?![a-z])\.?|\s?[:=#])*+"
    r"\s?(?P<value>[A-Z]{0,5}\d{4,}[A-Z0-9]{0,8})(?![A-Za-z0-9])",
    re.I,
)
_HONG_KONG = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{6} ?\([0-9A]\)", re.I)
_MACAO = re.compile(r"(?<![A-Za-z0-9])[1578](?:/\d{6}/\d|\d{6} ?\(\d\))(?![\d/])")
_TAIWAN = re.compile(r"(?<![A-Za-z0-9])[A-Z][1289]\d{8}(?![A-Za-z0-9])")
_TAIWAN_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"  # in the order of their values from 10 on
PERMIT_CLUES = (
    "permit|permits|mtp|hkid|hong|hk|macau|macao|taiwan|taiwanese|national|resident|card|identity|licence|license"
    "|alien|arc|nric|fin|证|驾照|社保|医保|社会|户口|回乡|护照|签"
)


def permits(text: str) -> Iterator[Span]:
    """The spans of numbers after the name of their document."""
    for rule in (_CHINESE, _SOLDIER, _LICENCE):
        yield from (match.span("value") for match in rule.finditer(text))
    yield from (match.span("value") for match in _ENGLISH.finditer(text) if _digits(match["value"]) >= 6)


def residence_cards(text: str) -> Iterator[Span]:
    """The spans of identity cards of Hong Kong and Macao with their brackets, and of Taiwan by their checksum."""
    if "(" in text or "/" in text:
        yield from (match.span() for match in _HONG_KONG.finditer(text))
        yield from (match.span() for match in _MACAO.finditer(text))
    yield from (match.span() for match in _TAIWAN.finditer(text) if _is_taiwanese(match[0]))


def _digits(value: str) -> int:
    return sum(map(str.isdigit, value))


def _is_taiwanese(number: str) -> bool:
    """True if the weighted sum of a Taiwanese identity card is a multiple of ten."""
    value = _TAIWAN_LETTERS.index(number[0]) + 10
    digits = [value // 10, value % 10, *map(int, number[1:])]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0
