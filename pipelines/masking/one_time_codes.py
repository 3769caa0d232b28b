"""Codes that a word announces: one-time codes, PINs, CVVs, door and pick-up codes: `OTP 482913`, `取件码3-2-1008`."""

import re
from collections.abc import Iterator

from pipelines.masking.matching_view import Span
from pipelines.masking.passwords import END, LINK

_QUALIFIER = (
    "sms|text|e-?mail|verification|verify(?:ing)?|validation|security|log-?in|sign-?in|access|one[- ]time"
    "|single[- ]use|2fa"
    "|auth(?:entication|enticator|orization)?|two[- ]factor|mfa|unlock|reset|recovery|backup|activation|pairing"
    "|redemption"
    "|gift ?card|door|gate|entry|key ?box|lock ?box|lock|garage|building|alarm|safe|pick-?up|collection|locker"
    "|temporary|secret"
)
_CODE = rf"t?otp|cvv2?|cvc2?|csc|puk|pin|(?:{_QUALIFIER}) (?:code|pin)|gift ?card (?:number|no)"
_CODE += r"|gift ?card(?= ?\d{4} ?\d{4} ?\d{4})"
_ABOUT = r"(?: (?:for|to|of|on|at|from|in|i|we|you|they)(?: [\w@.'-]{1,20}){1,3}?(?=\s?(?:is |was |[:=])))?"
_UNIT = (
    r"(?! ?(?:times?|x|days?|mins?|minutes?|secs?|seconds?|hours?|hrs?|digits?|char|letters?|attempts?|tries|euros?"
    r"|dollars?|usd|eur|gbp|%|[次位秒分天年月元块个条]))"
)
_NUMBER = r"(?:\d(?: \d){3,7}|(?:[A-Z]{1,3}-)?\d{3,8}(?:[ -]\d{3,8}){0,5}[#*]{0,2})(?!\w|\.\d)"
_MIXED = r"(?=[A-Z-]{0,8}\d)(?=\d{0,8}-?[A-Z])[A-Z0-9]{2,8}(?:-[A-Z0-9]{2,8}){0,5}(?!\w)"
_ANNOUNCED = re.compile(
    rf"(?<![a-z0-9/#@_.])(?:{_CODE})(?![a-z0-9]){_ABOUT}{LINK}\s?[\"“‘'(\[]?(?P<code>{_NUMBER}{_UNIT}|{_MIXED})", re.I
)
# A bare "code" is one of many: one that somebody sent or got, and six digits after "the code".
_SENT = re.compile(
    r"(?<!promo )(?<!coupon )(?<!discount )(?<!voucher )(?<!error )(?<!area )(?<!zip )(?<![a-z])codes? (?:that "
    r"|which )?"
    rf"(?:i|you|we|they)(?: [a-z']{{1,12}}){{1,5}}? ?(?:is|was|:|=) ?[\"“']?(?P<code>{_NUMBER}{_UNIT})",
    re.I,
)
_BARE = re.compile(
    r"(?:(?<![a-z])(?:the|my|your|this|that|got|received|entered|sms|text) |^)codes?(?: is| was|:)? "
    rf"(?P<code>\d{{6}}(?!\w|\.\d){_UNIT})",
    re.I,
)
_AFTER = re.compile(
    r"(?<![\w-])(?P<code>(?:[A-Z]-)?\d{4,8})(?= (?:is|was) (?:my|your|the|our) (?:[a-z]{1,15} ){0,2}?"
    r"(?<!promo )(?<!coupon )(?<!discount )(?:otp|pin|password|passcode|code)(?![a-z]))",
    re.I,
)
_AS = re.compile(
    r"(?<![a-z])(?:typed?|enter(?:ed)?|used?|put|tried|set|gave) (?P<code>\d{3,8}) (?:in )?as (?:my |the |a )?"
    r"(?:pin|password|passcode|code|otp|cvv)(?![a-z])",
    re.I,
)
_CHINESE = re.compile(
    r"(?:验证码|校验码|动态(?:密)?码|短信码|取件码|取餐码|提货码|取货码|自提码|核销码|激活码|卡密|券码|安全码|提取码|门禁码|登录码|授权码"
    r"|配对码|会议码|识别码|(?<![a-z0-9/#@])(?:otp|cvv2?|cvc2?|pin|puk)码?(?![a-z]))"
    r"(?:\s?(?:号码|号|就是|是|为|填了?|输入的?|[:=]|[-=]>))*+\s?[\"“‘'「【(\[]?"
    rf"(?P<code>[^{END}」】\]]{{3,40}}+(?: \d{{3,8}}){{0,5}}+){_UNIT}",
    re.I,
)
CODE_CLUES = "otp|totp|cvv|cvc|csc|puk|pin|code|codes|password|passcode|gift|giftcard|码|卡密"
_CLOCK = re.compile(r"[:/.]")
_TRAILING = ".,!?;)]}'\"”’"


def one_time_codes(text: str) -> Iterator[Span]:
    """The spans of codes after their word, and of a code before it: `482913 is my code`."""
    for rule in (_ANNOUNCED, _SENT, _BARE, _AFTER, _AS):
        yield from (match.span("code") for match in rule.finditer(text) if _is_code(match["code"]))
    for match in _CHINESE.finditer(text):
        code = match["code"].rstrip(_TRAILING)
        if _is_code(code) and not _CLOCK.search(code):
            yield match.start("code"), match.start("code") + len(code)


def _is_code(code: str) -> bool:
    digits = sum(map(str.isdigit, code))
    return digits >= 3 or (digits > 0 and len(code) >= 4 and code.isupper())
