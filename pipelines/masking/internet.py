"""Network identifiers: IP addresses, and logins and tokens inside URLs."""

import ipaddress
import re
from collections.abc import Iterator

from pipelines.masking.matching_view import CLOSED, HAN, LOGIN, Span

_IPV4 = re.compile(r"(?<!\d)(?<!\d\.)(?:\d{1,3}\.){3}\d{1,3}(?!\d)(?!\.\d)")
_IPV6 = re.compile(r"(?<![0-9a-zA-Z:])(?=[0-9a-f]{0,4}:[0-9a-f:])[0-9a-f:.]{3,45}+(?![0-9a-zA-Z])(?:%\w+)?", re.I)
_USER_INFO = re.compile(rf"://([^\s/?#<>{HAN}{CLOSED}{LOGIN}]+)@(?=[\w\[])")
# A login without a password; any other text before a host needs a colon to be a login.
_TOKEN = re.compile(r"[\w.~%+-]+")
_SECRET = re.compile(
    r"[?&;#](?:(?:access|refresh|id|auth|csrf|reset|session|security|bearer)?[_-]?token|pass(?:word|wd|code|phrase)?|pwd"
    r"|(?:client[_-]?|app[_-]?)?secret|(?:api|access|private|secret)[_-]?key|auth(?:orization)?|jwt|otp"
    r"|session(?:[_-]?id)?|j?sess?id|sid|sig(?:nature)?|user(?:name)?|login)="
    r"([A-Za-z0-9._~%!$'()*+,;:@/=|-]+)",
    re.I,
)


def logins(text: str) -> Iterator[Span]:
    """The spans of credentials in URLs: before the host, or as a value of the query; the host stays readable."""
    if "://" in text:
        yield from (match.span(1) for match in _USER_INFO.finditer(text) if _is_login(match[1]))
    if "=" in text:
        yield from (match.span(1) for match in _SECRET.finditer(text))


def addresses(text: str) -> Iterator[Span]:
    """The spans of IP addresses of versions 4 and 6."""
    if text.count(".") >= 3:
        yield from (match.span() for match in _IPV4.finditer(text) if _is_address(match[0]))
    if text.count(":") >= 2:
        yield from (span for match in _IPV6.finditer(text) if (span := _trimmed(match)))


def _is_login(candidate: str) -> bool:
    return ":" in candidate or _TOKEN.fullmatch(candidate) is not None


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
