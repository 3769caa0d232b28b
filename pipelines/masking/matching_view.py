"""The matching view: the text for the recognisers, of the same length, with look-alikes folded."""

import re
import sys
import unicodedata
from collections.abc import Iterable
from functools import cache

Span = tuple[int, int]

PLACEHOLDERS = (
    *("EMAIL", "PHONE", "CARD", "IBAN", "IP", "URL-LOGIN", "HANDLE", "BOOKING", "ID"),
    *("SECRET", "ACCOUNT", "PARCEL", "COUPON"),
)
# Noncharacters, which no rule matches: one for masked text, one for a login, as the `@` after it begins no handle.
CLOSED, LOGIN = "\ufdd0", "\ufdd1"
# Scripts written without spaces; an ASCII address or number ends before them.
HAN = "\u2e80-\u2fff\u3005-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"

DIGIT = re.compile(r"\d")  # a fast first test of the recognisers of numbers

_PLACEHOLDER = re.compile(f"<(?:{'|'.join(PLACEHOLDERS)})>")
# Without full-width commas and stops: they end an address, and folded they would continue it.
_PUNCTUATION = str.maketrans({chr(ord(char) + 0xFEE0): char for char in "@.-+()_#:/%&=?[]"})
# The characters of the words before numbers, as Hong Kong, Macao and Taiwan write them.
_TRADITIONAL = dict(
    zip(
        map(
            ord,
            "碼驗證號單訂帳賬戶護鄉駕駛遞運貨編設為動態機電話員鑰權錄開禮優換請郵順豐圓韻達發簽會醫軍學稅納識別價個塊萬億幣點愛級確認預約報維訴參飛書釘紅臺門條註賣",
        ),
        "码验证号单订帐账户护乡驾驶递运货编设为动态机电话员钥权录开礼优换请邮顺丰圆韵达发签会医军学税纳识别价个块万亿币点爱级确认预约报维诉参飞书钉红台门条注卖",
        strict=True,
    )
)
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63"), "-")
_SPACES = dict.fromkeys([*map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"), *map(ord, CLOSED + LOGIN)], " ")


def matching_view(text: str) -> str:
    """The text with digits of every script, full-width letters and dashes as ASCII, and placeholders blanked out."""
    folded = text if text.isascii() else text.translate(folding_table())
    return _PLACEHOLDER.sub(_blank, folded) if "<" in folded else folded


def blank_out(text: str, spans: Iterable[Span], placeholder: str) -> str:
    """The view with these spans blanked out, so that no later rule matches in them."""
    mark = LOGIN if placeholder == "URL-LOGIN" else CLOSED
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += (text[position:start], mark * (end - start))
        position = end
    return "".join((*pieces, text[position:]))


def _blank(match: re.Match[str]) -> str:
    mark = LOGIN if match[0] == "<URL-LOGIN>" else CLOSED
    return mark * len(match[0])


@cache
def folding_table() -> dict[int, str]:
    """The plain character for each digit, letter, dash, space and Chinese character of another form, by code point."""
    digits = {code: str(unicodedata.decimal(chr(code))) for code in range(128, sys.maxunicode) if chr(code).isdecimal()}
    letters = {ord(char) + 0xFEE0: char for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}
    return {**digits, **letters, **_PUNCTUATION, **_TRADITIONAL, **_DASHES, **_SPACES}
