"""Credentials in URLs: logins before the host, secrets in the query, tokens and webhooks in the path."""

import re
from collections.abc import Iterator

from pipelines.masking.matching_view import CLOSED, HAN, LOGIN, Span
from pipelines.masking.random_tokens import is_random

_USER_INFO = re.compile(rf"://([^\s/?#<>{HAN}{CLOSED}{LOGIN}]+)@(?=[\w\[])")
# A login without a password; any other text before a host needs a colon to be a login.
_TOKEN = re.compile(r"[\w.~%+-]+")
_SECRET = re.compile(
    r"[?&;#](?:(?:[A-Za-z0-9]{0,20}[_.-]){0,4}(?:token|signature|credential|secret)"
    r"|(?:access|refresh|id|auth|csrf|reset|session|security|bearer|verify|invite|user)token"
    r"|pass(?:word|wd|code|phrase)?|pwd|(?:client|app)secret|(?:[a-z]{0,10}[_-])?(?:api|app|access|private"
    r"|secret)[_-]?key|auth(?:orization)?|jwt|otp|session(?:[_-]?id)?|j?sess?id|sid|sig|hmac|user(?:name)?|login"
    r"|(?:aws|google)access(?:key)?id)="
    r"([A-Za-z0-9._~%!$'()*+,;:@/=|-]+)",
    re.I,
)
# Names that are common for other things, so that only a random value is a secret.
_MAYBE = re.compile(r"[?&;#](?:key|code|hash|ticket|invite|state|nonce|k|t|h|id)=([A-Za-z0-9._~%-]{16,})", re.I)

_URL = re.compile(
    rf"(?:://[^\s/?#<>{HAN}{CLOSED}{LOGIN}]{{1,255}}|(?<![\w.-])[\w-]++(?:\.[\w-]++)++(?::\d+)?)"
    rf"(/[^\s?#<>\"'{HAN}{CLOSED}{LOGIN}]+)"
)
# Any parameter of a page that resets or verifies.
_ON_PAGE = re.compile(
    r"/(?:re-?set|verif|confirm|activat|invit|magic|unsubscribe|recover)[\w-]{0,20}\?[\w-]{1,20}=([\w.~%-]{12,})", re.I
)
_SEGMENT = re.compile(r"[^/]+")
# Everything behind these is the secret of a webhook.
_HOOK = re.compile(
    r"/(?:(?:services|workflows|triggers)/(?=T[A-Z0-9]{6,}/)|(?:api/)?webhooks?(?:b2)?/|bot/v2/hook/|hooks?/catch/"
    r"|bot(?=\d{6,}:))"
)
_BEFORE = re.compile(
    r"(?:re-?set|verif\w*|confirm\w*|activat\w*|invit\w*|magic\w*|log-?in|sign-?in|sso|token|auth\w*|unsubscribe"
    r"|shares?"
    r"|sharing|recover\w*|password\w*|passwd|session|access|download|private|secret|key|accept|join)(?:[-_]\w+)?",
    re.I,
)
_PUBLIC = frozenset(("commit", "commits", "blob", "tree", "raw", "compare", "status", "hashtag", "watch"))
_TRAILING = ".,;:!)]}"


def logins(text: str) -> Iterator[Span]:
    """The spans of credentials in URLs; scheme, host and the names of parameters stay readable."""
    if "://" in text:
        yield from (match.span(1) for match in _USER_INFO.finditer(text) if _is_login(match[1]))
    if "=" in text:
        yield from (match.span(1) for match in _SECRET.finditer(text))
        yield from (match.span(1) for match in _ON_PAGE.finditer(text))
        yield from (match.span(1) for match in _MAYBE.finditer(text) if is_random(match[1]))
    if "/" in text:
        for url in _URL.finditer(text):
            yield from _in_path(text, *url.span(1))


def _is_login(candidate: str) -> bool:
    return ":" in candidate or _TOKEN.fullmatch(candidate) is not None


def _in_path(text: str, start: int, end: int) -> Iterator[Span]:
    """The secret segments of a path, or all that follows the name of a webhook."""
    end = start + len(text[start:end].rstrip(_TRAILING))
    if hook := _HOOK.search(text, start, end):
        if end - hook.end() >= 8:
            yield hook.end(), end
        return
    before = ""
    for segment in _SEGMENT.finditer(text, start, end):
        if _is_secret(segment[0], before):
            yield segment.span()
        before = segment[0]


def _is_secret(segment: str, before: str) -> bool:
    if before.lower() in _PUBLIC:
        return False
    if len(segment) >= 20 and is_random(segment):
        return True
    return len(segment) >= 12 and _BEFORE.fullmatch(before) is not None and sum(map(str.isdigit, segment)) >= 3
