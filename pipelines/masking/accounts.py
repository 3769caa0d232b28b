"""Accounts that a word announces: user names, bank accounts, customer numbers."""

import re
from collections.abc import Iterator

from pipelines.masking.matching_view import Span
from pipelines.masking.password_words import is_description

_USER = re.compile(
    r"(?<![a-z])(?:user ?name|user ?id|log-?in(?: name| id)?|screen ?name"
    r"|(?:friend|player|gamer|epic|riot|nintendo|steam|summoner) (?:code|id|name|tag))(?P<mark>(?:\s?(?:is"
    r"|was)(?![a-z])"
    r"|\s?[:=#])*+)"
    r"\s?[\"'“]?(?P<name>[a-z0-9][\w.@-]{3,63})",
    re.I | re.A,
)
_NUMBER = re.compile(
    r"(?<![a-z])(?:(?:accounts?|acct|acc|a/c|customers?|clients?|subscribers?)"
    r"(?:\s?(?:reference|ref|numbers?|num|nbr|no|nr|id)(?![a-z])\.?|\s?#)|sort(?: code"
    r"|(?=\s?[:#]?\s?\d\d-\d\d-\d\d))|(?:aba "
    r"|bank )?routing(?: (?:number|no))?|bsb|(?:account|a/c|acct|acc)(?=\s?:|\s\d{7}))"
    r"(?:\s?(?:is|was)(?![a-z])|\s?[:=#])*+\s?(?P<name>[A-Z]{0,4}-?\d[\dA-Z]*(?:[ -]\d{2,8}){0,5})(?!\w)",
    re.I | re.A,
)
_CHINESE = re.compile(
    r"(?:账[号户]|帐[号户]|用户名|户号|客户号|用户号|客户编号|用户编号|客户id|用户id|支付宝|工号|学号|开户行)(?P<mark>(?:\s?(?:号码|号|id|账[号户]|就是|是|为|改成"
    r"|[:=]))*+)"
    r"\s?(?P<name>[a-z0-9][a-z0-9_.-]{4,40}(?: \d{2,5}){0,5})(?![a-z0-9])",
    re.I | re.A,
)
_UNIT = re.compile(r"\s?(?:[元块万亿个次位天年月秒分级%]|人民币|金币|积分)")
_DAY = re.compile(r"(?:19|20)\d\d[-/.]?\d\d[-/.]?\d\d")
_TRAILING = ".-_"
LEAST = 4  # digits of a number
ACCOUNT_CLUES = (
    "username|user|userid|login|log|screen|screenname|account|accounts|acct|acc|a/c|customer|customers|client"
    "|clients|subscriber|subscribers|sort|friend|player|gamer|epic|riot|nintendo|steam|summoner|routing|bsb|账|帐|户"
    "|支付宝|工号|学号"
)


def accounts(text: str) -> Iterator[Span]:
    """The spans of user names with a digit or a mark in them, and of numbers of four digits and more."""
    yield from (_trimmed(match) for match in _USER.finditer(text) if _is_user(match))
    yield from (match.span("name") for match in _NUMBER.finditer(text) if _digits(match["name"]) >= LEAST)
    yield from (_trimmed(match) for match in _CHINESE.finditer(text) if _is_chinese(match))


def _trimmed(match: re.Match[str]) -> Span:
    start = match.start("name")
    return start, start + len(match["name"].rstrip(_TRAILING))


def _digits(name: str) -> int:
    return sum(map(str.isdigit, name))


def _is_user(match: re.Match[str]) -> bool:
    """True for a name with digits or an underscore among its letters; after a colon for any word."""
    name = match["name"].rstrip(_TRAILING)
    is_told = match["mark"].strip() != "" or match[0].lower().startswith(("user id", "userid"))
    if name.isdigit():
        return is_told and len(name) >= LEAST
    has_mark = re.search(r"[a-z]", name, re.I) is not None and re.search(r"[\d_@]|\w\.\w", name) is not None
    return (has_mark and len(name) >= 4) or (":" in match["mark"] and name.isalpha() and not is_description(name))


def _is_chinese(match: re.Match[str]) -> bool:
    name = match["name"].rstrip(_TRAILING)
    if _UNIT.match(match.string, match.end()) or _DAY.fullmatch(name) or is_description(name):
        return False
    is_told = re.search("[:=是为]", match["mark"]) is not None
    return _digits(name) >= 3 or "_" in name or (not name.isdigit() and (_digits(name) > 0 or is_told))
