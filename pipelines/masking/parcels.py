"""Tracking numbers of parcels, by the word or carrier before them or by the shape that their carrier gives them."""

import re
from collections.abc import Iterator

from pipelines.masking.matching_view import Span

# UPS, Universal Postal Union (S10), SF Express, JD, YTO and others with their letters, Amazon, Cainiao, DHL, USPS.
_SHAPE = re.compile(
    r"(?<![A-Za-z0-9])(?:1Z ?[A-Z0-9]{3} ?[A-Z0-9]{3} ?[A-Z0-9]{2} ?[A-Z0-9]{4} ?[A-Z0-9]{4}"
    r"|[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2}"
    r"|(?:SF|JD|YT|JT|STO|ZTO|DPK|YD|TBA|LP|JVGL|JJD|EMS)[A-Z]{0,3}\d{10,18}|[A-Z]{2,4}\d{10,16}"
    r"|9[2-5]\d{2}(?: ?\d{4}){4,5}(?: ?\d{2})?)"
    r"(?![A-Za-z0-9])",
    re.A,
)
_SMALL = re.compile(r"(?<![A-Za-z0-9])(?:1z[a-z0-9]{16}|(?:sf|jd|yt|jt|tba)\d{12,15})(?![A-Za-z0-9])")
_CODE = (
    r"(?P<code>\d{3,5}(?: \d{3,5}){2,6}|[A-Za-z]{0,4}\d[A-Za-z0-9]*(?:-[A-Za-z0-9]+){0,5}"
    r"|[A-Za-z0-9]+(?:-[A-Za-z0-9]+){0,5})(?![A-Za-z0-9_])"
)
_WORD = (
    r"(?:tracking|track|trace|way ?bill|air ?way ?bill|awb|consignment|shipment|shipping|parcel|package|courier"
    r"|delivery)"
    r"|(?P<carrier>fed ?ex|ups|usps|dhl|hermes|evri|dpd|gls|royal mail|aramex|tnt|blue ?dart|delhivery|sf express"
    r"|yodel)"
)
_MARK = (
    r"(?P<mark>(?:\s?(?:tracking|numbers?|num|nbr|no|nr|id|codes?|ref(?:erence)?|is|was|are|parcel"
    r"|package)(?![a-z])\.?|\s?[:=#])*+)"
)
_NAMED = re.compile(rf"(?<![a-z])(?:{_WORD})(?![a-z]){_MARK}\s?[\"'(]?{_CODE}", re.I | re.A)
_NEXT = re.compile(rf"\s?(?:,|/|&|\band\b|\bor\b)\s?#?{_CODE}", re.I | re.A)
_CHINESE = re.compile(
    r"(?:快递|物流|运单|顺丰|圆通|中通|申通|韵达|京东|极兔|百世|德邦|邮政|EMS|包裹|发货|面单|小包|菜鸟|(?<![订定货后工票出款保易水])单号)"
    rf"(?P<mark>(?:\s?(?:快递|物流|速递|号码|单号|运单号?|编号|号|单|就是|是|为|[:=#]))*+)\s?{_CODE}",
    re.I | re.A,
)
_DAY = re.compile(r"(?:19|20)\d\d[-/.]?\d\d[-/.]?\d\d|\d{1,4}-\d{1,2}(?:-\d{1,4})?")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_UNIT = re.compile(
    r"\s?(?:[元块万亿个次位天年月秒分件公]|(?:usd|eur|gbp|dollars?|euros?|units|items|pieces|pcs|people|kg|lbs?)(?![a-z]))",
    re.I,
)
PARCEL_CLUES = (
    "tracking|track|trace|waybill|way|airwaybill|awb|consignment|shipment|shipping|parcel|package|courier"
    "|delivery|fedex|fed|ups|usps|dhl|hermes|evri|dpd|gls|royal|aramex|tnt|bluedart|blue|delhivery|sf|yodel|ems"
    "|快递|物流|运单|顺丰|圆通|中通|申通|韵达|京东|极兔|百世|德邦|邮政|包裹|发货|面单|小包|菜鸟|单号"
)


def parcels(text: str) -> Iterator[Span]:
    """The spans of tracking numbers after a word; one word may announce a list."""
    position = 0
    while match := _NAMED.search(text, position):
        position = match.end("mark")
        code: re.Match[str] | None = match
        while code and _is_tracking(code, match["mark"], weak=10 if match["carrier"] else 8):
            position = code.end("code")
            yield code.span("code")
            code = _NEXT.match(text, position)
    yield from (match.span("code") for match in _CHINESE.finditer(text) if _is_tracking(match, match["mark"], weak=9))


def shipments(text: str) -> Iterator[Span]:
    """The spans of tracking numbers by their shape."""
    yield from (match.span() for match in _SHAPE.finditer(text))
    yield from (match.span() for match in _SMALL.finditer(text))


def _is_tracking(match: re.Match[str], mark: str, weak: int) -> bool:
    """True for four digits after `number`, else for `weak` characters with six digits; no date, amount or mobile."""
    code = match["code"]
    digits = sum(map(str.isdigit, code))
    is_other = _DAY.fullmatch(code) or _MOBILE.fullmatch(code) or _UNIT.match(match.string, match.end("code"))
    if is_other or digits < 4:
        return False
    return len(code) >= 6 if mark.strip() else len(code) >= weak and digits >= 6
