"""Passwords and keys that a word announces: `my password is hunter2`, `api key = 7f9c2b`, `密码：hunter2`."""

import re
from collections.abc import Iterator

from pipelines.masking.matching_view import CLOSED, HAN, LOGIN, Span
from pipelines.masking.password_words import is_description

_NOUN = (
    r"pass ?(?:word|code|phrase|wd)s?|passwd|pwd|p/w|pw|wi-?fi key|credentials?|maiden name|(?:security|secret) answer"
    r"|secret word|answer to (?:my|the) (?:security|secret) question"
)
_OWNER = (
    "api|app|secret|access|private|client|licen[cs]e|product|encryption|signing|auth|bearer|refresh|session|personal"
    "|consumer|web ?hook|account|master"
)
_KEY = rf"(?:(?:{_OWNER})[ _-]?){{0,3}}(?:keys?|tokens?|secrets?)|bearer|authorization ?: ?(?:basic|token|key)"
_ABOUT = r"(?: (?:for|to|of|on|at|from|in|i|we|you|they)(?: [\w@.'-]{1,20}){1,3}?(?=\s?(?:is |was |[:=])))?"
LINK = (
    r"(?P<link>(?:\s?(?:is|was|are|were|number|no\.|num|code|id|changed to|set to|reset to|into|to|as)(?![a-z])"
    r"|['’]s(?![a-z])|\s?[:=#]|\s?[-=]>| -(?= ))*+)"
)
_QUOTED = rf"[\"“‘«'](?P<quoted>[^\"”’»'{CLOSED}{LOGIN}]{{1,64}})[\"”’»']"
END = rf"\s,;，。；、\"“”<>{HAN}{CLOSED}{LOGIN}"  # no password has these
# Before a mark of a URL the word is part of it.
_NAMED = re.compile(
    rf"(?<![a-z0-9/#@.])(?:{_NOUN}|(?P<key>{_KEY}))(?![a-z0-9/?&_]){_ABOUT}{LINK}\s?(?:{_QUOTED}"
    rf"|(?P<value>[^{END}]{{3,200}}))",
    re.I,
)
_CHINESE = re.compile(
    r"(?:密码|口令|密钥|秘钥|密匙|令牌|(?:access|secret)key(?:id|secret)?)"
    r"(?P<link>(?:\s?(?:号码|号|改成了?|改为了?|设成了?|设为了?|换成了?|就是|是|为|成了?|填了?|输入的?|[:=]|[-=]>))*+)"
    rf"\s?[\"“‘'「【\[]?(?P<value>[^{END}」】\]]{{3,200}}+)(?! ?[次位个秒分天年月元块条])",
    re.I,
)
PASSWORD_CLUES = (
    "password|passwords|passcode|passcodes|passphrase|passphrases|passwd|pass|pwd|pw|p/w|key|keys|token"  # noqa: S105  words, no password
    "|tokens"
    "|secret|secrets|bearer|credential|credentials|maiden|answer|authorization|apikey|appkey|accesskey"
    "|accesskeyid|secretkey|privatekey|accesstoken|authtoken|refreshtoken|sessiontoken|clientsecret|appsecret"
    "|密码|口令|密钥|秘钥|密匙|令牌"
)
_TIME = re.compile(r"[\d/:.,%-]+(?:st|nd|rd|th|x|am|pm|hrs?|mins?|%)?", re.I)
_ADDRESS = re.compile(r"://|@[\w-]+\.")
_NEXT = re.compile(
    r"\s?(?:$|[.,;!?)。，；！？<]|(?:and|but|or|so|user|login|e-?mail|pls|please|thanks|thx)(?![a-z]))", re.I
)
_STRONG = re.compile(r"[:=>'’]|is|was|are|were|是|为|成", re.I)
_TRAILING = ".,!?;:)]}'\"”’*"


def passwords(text: str) -> Iterator[Span]:
    """The spans of passwords and keys after their word."""
    yield from filter(None, map(_named, _NAMED.finditer(text)))
    yield from filter(None, map(_named_in_chinese, _CHINESE.finditer(text)))


def _named(match: re.Match[str]) -> Span | None:
    """The span of a password or a key; of a word after `is` only at the end of a clause."""
    quoted = match["quoted"]
    if quoted is not None:
        words = [is_description(word) for word in quoted.split()]
        is_word = not match["key"] and 2 * sum(words) <= len(words)
        return match.span("quoted") if is_word or looks_secret(quoted) else None
    value = match["value"].rstrip(_TRAILING)
    span = match.start("value"), match.start("value") + len(value)
    is_told = _STRONG.search(match["link"]) is not None
    if match["key"]:
        return span if _is_key(value, is_told) else None
    if looks_secret(value):
        return span if len(value) >= (3 if match["link"] else 4) else None
    is_word = len(value) >= 4 and value.isalpha() and not is_description(value)
    return span if is_word and is_told and _NEXT.match(match.string, span[1]) else None


def _is_key(value: str, is_told: bool) -> bool:
    """True for a value of eight characters after `is` or a colon; else of twelve with three digits."""
    is_long = len(value) >= 12 and (sum(map(str.isdigit, value)) >= 3 or value.endswith("="))
    return looks_secret(value) and (is_long or (is_told and len(value) >= 8))


def _named_in_chinese(match: re.Match[str]) -> Span | None:
    value = match["value"].rstrip(_TRAILING)
    is_told = _STRONG.search(match["link"]) is not None
    is_word = is_told and len(value) >= 4 and not is_description(value)
    is_secret = value[:1] not in "#@" and (value.rstrip("#").isdigit() or looks_secret(value) or is_word)
    return (match.start("value"), match.start("value") + len(value)) if is_secret else None


def looks_secret(value: str) -> bool:
    """True for letters with digits or marks in them, capitals within a word, or four digits and more."""
    if value[:1] in "@#<" or _ADDRESS.search(value):
        return False
    if _TIME.fullmatch(value):
        return value.isdigit() and len(value) >= 4
    letters, digits = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    marked = re.search(r"[A-Za-z0-9][!@#$%^&*_+=?~|\\][A-Za-z0-9]", value) is not None
    is_mixed = re.search(r"[a-z][A-Z]", value) is not None and len(value) >= 8
    return (digits and (letters or marked)) or (letters and (marked or is_mixed))
