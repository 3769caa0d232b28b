"""Passwords, keys and codes that a word announces: `my password is hunter2`, `OTP 482913`, `验证码482913`."""

import re
from collections.abc import Iterator

from pipelines.masking.matching_view import CLOSED, HAN, LOGIN, Span
from pipelines.masking.password_words import is_description

_NOUN = r"pass ?(?:word|code|phrase|wd)s?|passwd|pwd|p/w|pw|wi-?fi key|credentials?"
_KEY = (
    r"(?:(?:api|app|secret|access|private|client|licen[cs]e|product|encryption|signing|auth|bearer|refresh|session"
    r"|personal"
    r"|consumer|web ?hook|account|master)[ _-]?){0,3}(?:keys?|tokens?|secrets?)|bearer|access ?key(?: ?(?:id|secret))?"
)
_CODE = (
    r"t?otp|cvv2?|cvc2?|csc|puk|pin|(?:(?:sms|text|e-?mail|verification|verify(?:ing)?|validation|security|log-?in"
    r"|sign-?in|access"
    r"|auth(?:entication|enticator|orization)?|one[- ]time|single[- ]use|2fa|two[- ]factor|mfa|unlock|reset|recovery"
    r"|backup"
    r"|activation|pairing|redemption|gift ?card|door|gate|entry|key ?box|lock ?box|lock|garage|building|alarm|safe"
    r"|pick-?up|collection|locker|temporary|secret) )(?:code|pin|password)|gift ?card number"
)
_ABOUT = r"(?: (?:for|to|of|on|at|from|in)(?: [\w@.'-]{1,20}){1,3}?(?=\s?(?:is |was |[:=])))?"
_LINK = (
    r"(?P<link>(?:\s?(?:is|was|are|were|number|no\.|num|code|id|changed to|set to|reset to|into|to|as)(?![a-z])"
    r"|\s?[:=#]|\s?[-=]>| -(?= ))*+)"
)
_QUOTED = r"[\"“‘«'](?P<quoted>[^\"”’»'" + CLOSED + LOGIN + r"]{1,64})[\"”’»']"
_END = rf"\s,;，。；、\"“”<>{HAN}{CLOSED}{LOGIN}"
_VALUE = rf"\s?(?:{_QUOTED}|(?P<value>[^{_END}]{{3,200}}))"
_NAMED = re.compile(rf"(?<![a-z0-9/#@_.])(?:{_NOUN}|(?P<key>{_KEY}))(?![a-z0-9]){_ABOUT}{_LINK}{_VALUE}", re.I)
_UNIT = (
    r"(?! ?(?:times?|x|days?|mins?|minutes?|secs?|seconds?|hours?|hrs?|digits?|char|letters?|attempts?|tries|euros?"
    r"|dollars?|usd|eur|gbp|%|[次位秒分天年月元块个条]))"
)
_NUMBER = r"(?:[A-Z]{1,3}-)?\d{3,8}(?:[ -]\d{3,8}){0,5}[#*]{0,2}(?!\w|\.\d)"
_MIXED = r"(?=[A-Z-]{0,8}\d)(?=\d{0,8}-?[A-Z])[A-Z0-9]{2,8}(?:-[A-Z0-9]{2,8}){0,5}(?![\w])"
_CODED = re.compile(
    rf"(?<![a-z0-9/#@_.])(?:{_CODE})(?![a-z0-9]){_ABOUT}{_LINK}\s?[\"“‘']?(?P<code>{_NUMBER}{_UNIT}|{_MIXED})", re.I
)
_SENT = re.compile(
    r"(?<!promo )(?<!coupon )(?<!discount )(?<!voucher )(?<!error )(?<!area )(?<!zip )(?<![a-z])codes? (?:that "
    r"|which )?"
    rf"(?:i|you|we|they)(?: [a-z']{{1,12}}){{1,5}}? ?(?:is|was|:|=) ?[\"“']?(?P<code>{_NUMBER}{_UNIT})",
    re.I,
)
_AFTER = re.compile(
    r"(?<![\w-])(?P<code>(?:[A-Z]-)?\d{4,8})(?= (?:is|was) (?:my|your|the|our) (?:[a-z]{1,15} ){0,2}?"
    r"(?<!promo )(?<!coupon )(?<!discount )(?:otp|pin|password|passcode|(?:verification |security "
    r"|login )?code)(?![a-z]))",
    re.I,
)
_HAN = re.compile(
    r"(?:(?P<code>验证码|校验码|动态(?:密)?码|短信码|取件码|取餐码|提货码|取货码|自提码|核销码|激活码|卡密|券码|安全码|提取码|门禁码"
    r"|登录码|授权码|配对码|会议码|识别码|(?<![a-z0-9/#@])(?:CVV2?|CVC2?|PIN)码?(?![a-z]))|密码|口令|密钥|秘钥|密匙|令牌|(?:Access"
    r"|Secret)Key(?:Id|Secret)?)(?P<link>(?:\s?(?:号码|号|改成了?|改为了?|设成了?|设为了?|换成了?|就是|是|为|成了?|[:=]|[-=]>))*+)"
    rf"\s?[\"“‘'「【\[]?(?P<value>[^{_END}」】\]]{{3,200}}+(?: \d{{3,8}}){{0,5}}+){_UNIT}",
    re.I,
)
PASSWORD_CLUES = (
    *(
        "passw",
        "pass ",
        "passc",
        "passp",
        "pwd",
        "pw",
        "p/w",
        "otp",
        "cvv",
        "cvc",
        "csc",
        "puk",
        "pin",
        "code",
        "key",
        "token",
    ),
    *("secret", "bearer", "credential", "gift", "码", "口令", "密钥", "秘钥", "密匙", "令牌", "卡密"),
)
_CLOCK = re.compile(r"[:/.]")
_TIME = re.compile(r"[\d/:.,%-]+(?:st|nd|rd|th|x|am|pm|hrs?|mins?|%)?|24/7|\d{1,2}(?:am|pm)", re.I)
_NEXT = re.compile(
    r"\s?(?:$|[.,;!?)。，；！？<]|(?:and|but|or|so|user|login|e-?mail|pls|please|thanks|thx)(?![a-z]))", re.I
)
_TRAILING = ".,!?;:)]}'\"”’*"
STRONG = re.compile(r"[:=>]|is|was|are|were|是|为|成", re.I)


def passwords(text: str) -> Iterator[Span]:
    """The spans of passwords, keys and codes after their word, and of a code before it."""
    yield from filter(None, map(_named, _NAMED.finditer(text)))
    for rule in (_CODED, _SENT, _AFTER):
        yield from (match.span("code") for match in rule.finditer(text) if _is_code(match["code"]))
    yield from filter(None, map(_named_in_chinese, _HAN.finditer(text)))


def _named(match: re.Match[str]) -> Span | None:
    """The span of a password or a key; of a word after `is` only at the end of a clause."""
    if match["quoted"] is not None:
        is_told = STRONG.search(match["link"]) and not all(map(is_description, match["quoted"].split()))
        return match.span("quoted") if is_told or looks_secret(match["quoted"]) else None
    value = match["value"].rstrip(_TRAILING)
    span = match.start("value"), match.start("value") + len(value)
    is_told = STRONG.search(match["link"]) is not None
    if match["key"]:
        return span if _is_key(value, is_told) else None
    if looks_secret(value):
        return span if len(value) >= (3 if match["link"] else 4) else None
    is_word = len(value) >= 4 and value.isalpha() and not is_description(value)
    return span if is_word and is_told and _NEXT.match(match.string, span[1]) else None


def _is_key(value: str, is_told: bool) -> bool:
    """True for a value of eight characters after `is` or a colon; else of twelve with three digits."""
    is_long = len(value) >= 12 and sum(map(str.isdigit, value)) >= 3
    return looks_secret(value) and (is_long or (is_told and len(value) >= 8))


def _named_in_chinese(match: re.Match[str]) -> Span | None:
    value = match["value"].rstrip(_TRAILING)
    span = match.start("value"), match.start("value") + len(value)
    if match["code"]:
        return span if _is_code(value) and not _CLOCK.search(value) else None
    is_word = STRONG.search(match["link"]) is not None and len(value) >= 4 and not is_description(value)
    is_number = value.rstrip("#").replace(" ", "").isdigit()
    is_secret = value[:1] not in "#@" and (is_number or looks_secret(value) or is_word)
    return span if is_secret else None


def _is_code(code: str) -> bool:
    return sum(map(str.isdigit, code)) >= 3


def looks_secret(value: str) -> bool:
    """True for letters with digits or marks in them, capitals within a word, or four digits and more."""
    if value[:1] in "@#<" or "://" in value or _TIME.fullmatch(value):
        return value.isdigit() and len(value) >= 4
    letters, digits = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    marked = re.search(r"[A-Za-z0-9][!@#$%^&*_+=?~|\\][A-Za-z0-9]", value) is not None
    is_mixed = re.search(r"[a-z][A-Z]", value) is not None and len(value) >= 8
    return (digits and (letters or marked)) or (letters and (marked or is_mixed))
