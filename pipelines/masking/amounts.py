"""Numbers that are no person's: money, coordinates, and series such as sizes or draws of a lottery."""

import re
from collections.abc import Sequence
from itertools import pairwise

_CURRENCY = (
    "usd|eur|gbp|chf|cny|rmb|jpy|inr|aud|cad|nzd|hkd|twd|ntd|sgd|krw|brl|mxn|zar|aed|sek|nok|dkk|pln|czk|huf|try|rub"
    "|thb"
    "|idr|myr|php|vnd|ngn|kes"
)
_BEFORE = re.compile(
    rf"(?:[$€£¥￥₹₩₽₺₫฿₴₦₪₱]|(?<![a-z])(?:{_CURRENCY}|rs\.?|re\.?|kr\.?)|人民币|价格?是?|金额|共计?|付了?|花了?)\s?$",
    re.I,
)
_AFTER = re.compile(
    rf"(?:[.,]\d{{1,2}}(?!\d))?\s?(?:[€£¥￥₹₩₽₺₫฿₴₦₪₱元块円원万亿%]|\$(?!\d)|(?:{_CURRENCY}|dollars?|euros?|pounds?|rupees?"
    rf"|yen"
    r"|yuan|won|cents?)(?![a-z])|人民币|美元|欧元|港币|日元)",
    re.I,
)
_DECIMAL = re.compile(r"\d{1,3}[.,]\d{4,}|\d{5,}[.,]\d{1,2}")
_FRACTION = re.compile(r"[.,]\d{1,2}(?!\d)")
_NEAR = 6
SMALL, STEP = 2, 5  # digits of a small number; the largest step between two of a series that is not even


def is_amount(text: str, start: int, end: int) -> bool:
    """True if a currency stands before or after the number."""
    return _BEFORE.search(text, max(0, start - _NEAR), start) is not None or _AFTER.match(text, end) is not None


def is_decimal(written: str) -> bool:
    """True for one decimal number, as a coordinate or a price."""
    return _DECIMAL.fullmatch(written) is not None


def has_fraction(text: str, end: int) -> bool:
    """True if one or two digits behind a point or comma follow."""
    return _FRACTION.match(text, end) is not None


def is_series(groups: Sequence[str]) -> bool:
    """True for four or more numbers that rise or fall evenly, or small ones that rise by small steps: `36 37 39 40`."""
    if len(groups) < 4:
        return False
    steps = {int(after) - int(before) for before, after in pairwise(groups)}
    if len(steps) == 1:
        return 0 not in steps
    return all(len(group) <= SMALL for group in groups) and all(0 < step <= STEP for step in steps)
