"""Codes of coupons, vouchers and promotions, where a model declares that they belong to a person."""

import re
from collections.abc import Iterator

from pipelines.masking.matching_view import Span

_CODE = r"[\"'“「]?(?P<code>[A-Z0-9]{3,16}(?:-[A-Z0-9]{2,8}){0,5})(?![A-Za-z0-9_-])"
_ENGLISH = re.compile(
    r"(?i:(?<![a-z])(?:coupons?|promo(?:tion(?:al)?)?|discount|vouchers?|offer|referral|invite|gift ?card)"
    r"(?P<mark>(?:\s?(?:codes?|numbers?|no|id|is|was)(?![a-z])\.?|\s?[:=#])*+))\s?" + _CODE
)
_CHINESE = re.compile(
    r"(?:优惠码|优惠券码?|兑换码|折扣码|邀请码|代金券码?|券号|礼品卡号?|抵用券码?)(?P<mark>(?:\s?(?:号码|号|是|为|[:=]))*+)\s?"
    + _CODE
)
COUPON_CLUES = (
    "coupon|coupons|promo|promotion|promotional|discount|voucher|vouchers|offer|referral|invite|gift|giftcard|码"
    "|券|礼品卡"
)


def coupons(text: str) -> Iterator[Span]:
    """The spans of codes in capitals: with a digit, or of letters alone after `code` or a colon."""
    for rule in (_ENGLISH, _CHINESE):
        yield from (match.span("code") for match in rule.finditer(text) if _is_coupon(match))


def _is_coupon(match: re.Match[str]) -> bool:
    code = match["code"]
    if code.isdigit():
        return len(code) >= 6 and match["mark"].strip() != ""
    return any(map(str.isdigit, code)) or (len(code) >= 5 and match["mark"].strip() != "")
