"""Network identifiers: IP addresses, but no version, price or chapter of four numbers."""

import ipaddress
import re
from collections.abc import Iterator

from pipelines.masking.matching_view import Span

_IPV4 = re.compile(r"(?<!\d)(?<!\d\.)(?:\d{1,3}\.){3}\d{1,3}(?!\d)(?!\.\d)")
_IPV6 = re.compile(r"(?<![0-9a-zA-Z:])(?=[0-9a-f]{0,4}:[0-9a-f:])[0-9a-f:.]{3,45}+(?![0-9a-zA-Z])(?:%\w+)?", re.I)
_NEAR = 40  # characters before four numbers that say what they are
_NETWORK = re.compile(
    r"(?<![a-z])(?:ip|ipv4|address|host|server|ping|dns|gateway|router|subnet|proxy|vpn)(?![a-z])|地址|服务器|网关",
    re.I,
)
_VERSION = re.compile(
    r"(?<![a-z])(?:v|ver|versions?|build|releases?|firmware|patch|driver|kernel|sdk|app|ios|ipados|android|mac ?os"
    r"|windows"
    r"|linux|chrome|edge|firefox|safari|java|php|python|node|upgraded?|updated?|downgraded?|section|chapter|clause"
    r"|price"
    r"|prices|priced|costs?)(?![a-z])|版本|版|更新|升级|固件|系统|驱动|价格?|第",
    re.I,
)
_AFTER = re.compile(
    r"\s?(?:[元块￥€$£]|版|versions?(?![a-z])|build(?![a-z])|(?:usd|eur|gbp|dollars?|euros?)(?![a-z]))", re.I
)


def addresses(text: str) -> Iterator[Span]:
    """The spans of IP addresses of versions 4 and 6."""
    if text.count(".") >= 3:
        yield from (match.span() for match in _IPV4.finditer(text) if _is_address(match[0]) and _is_host(match))
    if text.count(":") >= 2:
        yield from (span for match in _IPV6.finditer(text) if (span := _trimmed(match)))


def _is_host(match: re.Match[str]) -> bool:
    """True unless the words around say otherwise; four single digits need a word such as "server"."""
    before = match.string[max(0, match.start() - _NEAR) : match.start()]
    network = max((word.end() for word in _NETWORK.finditer(before)), default=-1)
    version = max((word.end() for word in _VERSION.finditer(before)), default=-1)
    if network > version:
        return True
    is_version = version >= 0 or _AFTER.match(match.string, match.end()) is not None
    return not is_version and not before.endswith(("$", "€", "£", "¥", "￥")) and len(match[0]) > 7


def _trimmed(match: re.Match[str]) -> Span | None:
    """The span of the address without trailing punctuation; None if it is not one, as `a::b` without a digit."""
    address = match[0].rstrip(".")
    if address.endswith(":") and not address.endswith("::"):
        address = address[:-1]
    is_valid = any(map(str.isdigit, address)) and _is_address(address)
    return (match.start(), match.start() + len(address)) if is_valid else None


def _is_address(candidate: str) -> bool:
    try:
        ipaddress.ip_address(candidate)
    except ValueError:
        # The library refuses IPv4 with leading zeros, which people write.
        parts = candidate.split(".")
        return len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts)
    return True
